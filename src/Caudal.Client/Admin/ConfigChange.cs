namespace Caudal.Client;

/// <summary>A change of one setting; the others stay as they are (KIP-339).</summary>
public readonly record struct ConfigChange
{
    private ConfigChange(string name, string? value, sbyte operation)
    {
        Name = name;
        Value = value;
        Operation = operation;
    }

    /// <summary>Kafka's name of the setting.</summary>
    public string Name { get; }

    /// <summary>The value, or the elements to add or to remove; null to go back to the default.</summary>
    public string? Value { get; }

    internal sbyte Operation { get; }

    /// <summary>Gives a setting a value.</summary>
    public static ConfigChange Set(string name, string value) => new(name, value, 0);

    /// <summary>Takes a setting back to its default.</summary>
    public static ConfigChange Reset(string name) => new(name, null, 1);

    /// <summary>Adds elements to a setting that is a list.</summary>
    public static ConfigChange Append(string name, string elements) => new(name, elements, 2);

    /// <summary>Takes elements away from a setting that is a list.</summary>
    public static ConfigChange Subtract(string name, string elements) => new(name, elements, 3);
}
