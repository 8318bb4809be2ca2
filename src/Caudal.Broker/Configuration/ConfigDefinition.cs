using System.Globalization;

namespace Caudal.Broker.Configuration;

/// <summary>One setting as data: its name in Kafka, what values it takes, what it is when nobody sets it, and what it does.</summary>
/// <param name="Name">Kafka's name, e.g. <c>retention.ms</c>.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Default">The value when nobody sets it; null for none.</param>
/// <param name="Documentation">What it does, in a sentence or two.</param>
internal sealed record ConfigDefinition(string Name, ConfigType Type, string? Default, string Documentation)
{
    /// <summary>The lowest number allowed.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>The highest number allowed.</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>The words allowed (of each element, in lists); empty for any.</summary>
    public string[] Allowed { get; init; } = [];

    /// <summary>Whether it can be changed while the broker runs.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>For a topic's setting, the broker's settings that stand in for it, the strongest first.</summary>
    public ConfigSynonym[] Synonyms { get; init; } = [];

    /// <summary>Says what is wrong with a value; null if nothing is.</summary>
    public string? Check(string value)
    {
        var fault = Type switch
        {
            ConfigType.Boolean => value.Trim().ToLowerInvariant() is "true" or "false" ? null : "true or false is expected",
            ConfigType.Int => CheckInteger(value, int.MinValue, int.MaxValue),
            ConfigType.Short => CheckInteger(value, short.MinValue, short.MaxValue),
            ConfigType.Long => CheckInteger(value, long.MinValue, long.MaxValue),
            ConfigType.Double => CheckDouble(value),
            ConfigType.List => CheckList(value),
            _ => Allowed.Length == 0 || Allowed.Contains(value) ? null : $"one of {string.Join(", ", Allowed)} is expected",
        };
        return fault is null ? null : $"Invalid value {value} for configuration {Name}: {fault}";
    }

    private string? CheckInteger(string value, long min, long max)
    {
        var isNumber = long.TryParse(value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        if (!isNumber || number < min || number > max)
            return $"a whole number of type {Type.ToString().ToLowerInvariant()} is expected";
        return CheckRange(number);
    }

    private string? CheckDouble(string value) =>
        double.TryParse(value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? CheckRange(number)
            : "a number is expected";

    private string? CheckRange(double number)
    {
        if (number < Min)
            return string.Create(CultureInfo.InvariantCulture, $"Value must be at least {Min}");
        return number > Max ? string.Create(CultureInfo.InvariantCulture, $"Value must be no more than {Max}") : null;
    }

    private string? CheckList(string value)
    {
        if (Allowed.Length == 0)
            return null;
        var words = SplitList(value);
        if (words.Length == 0)
            return $"at least one of {string.Join(", ", Allowed)} is expected";
        return words.All(Allowed.Contains) ? null : $"only {string.Join(", ", Allowed)} are allowed";
    }

    /// <summary>Splits the value of a list at its commas.</summary>
    public static string[] SplitList(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A broker's setting that stands in for a topic's, and how its number converts.</summary>
/// <param name="Name">The broker's setting.</param>
/// <param name="Factor">What its value is multiplied by: 3,600,000 from hours to milliseconds. 1 for values that are not numbers
/// too.</param>
internal readonly record struct ConfigSynonym(string Name, long Factor = 1);
