namespace Caudal.Broker.Configuration;

/// <summary>One change of a setting.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Kind">What to do, by Kafka's number: one of the constants.</param>
/// <param name="Value">The value; null where none is needed.</param>
internal readonly record struct ConfigOperation(string Name, sbyte Kind, string? Value)
{
    /// <summary>Gives the setting a value.</summary>
    public const sbyte Set = 0;

    /// <summary>Lets the default count again.</summary>
    public const sbyte Delete = 1;

    /// <summary>Adds words to a list.</summary>
    public const sbyte Append = 2;

    /// <summary>Takes words from a list.</summary>
    public const sbyte Subtract = 3;
}
