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

    /// <summary>A number that is allowed besides those from <see cref="Min"/> to <see cref="Max"/>.</summary>
    public double? Besides { get; init; }

    /// <summary>Whether the list is one of replicas: partition and broker with a colon between, or a star for all.</summary>
    public bool AreReplicas { get; init; }

    /// <summary>The words allowed (of each element, in lists); empty for any.</summary>
    public string[] Allowed { get; init; } = [];

    /// <summary>Says what is wrong with a word that follows rules of its own; null if nothing is.</summary>
    public Func<string, string?>? CheckFormat { get; init; }

    /// <summary>
    /// Whether it means nothing to this broker: told, and taken when it is altered as tools do to all brokers, but not when one starts.
    /// </summary>
    public bool HasNoEffect { get; init; }

    /// <summary>Whether it can be changed while the broker runs.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>For a topic's setting, the broker's settings that stand in for it, the strongest first.</summary>
    public ConfigSynonym[] Synonyms { get; init; } = [];

    /// <summary>Says what is wrong with a value, in Kafka's words; null if nothing is.</summary>
    public string? Check(string value) => Type switch
    {
        ConfigType.Boolean => value.Trim().ToLowerInvariant() is "true" or "false"
            ? null
            : Refuse(value, "Expected value to be either true or false"),
        ConfigType.Int => CheckInteger(value, int.MinValue, int.MaxValue),
        ConfigType.Short => CheckInteger(value, short.MinValue, short.MaxValue),
        ConfigType.Long => CheckInteger(value, long.MinValue, long.MaxValue),
        ConfigType.Double => CheckDouble(value),
        ConfigType.List => CheckList(value),
        _ => CheckWord(value),
    };

    private string? CheckInteger(string value, long min, long max)
    {
        var isNumber = long.TryParse(value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        return isNumber && number >= min && number <= max ? CheckRange(value.Trim(), number) : NoNumber(value);
    }

    private string? CheckDouble(string value)
    {
        if (!double.TryParse(value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return NoNumber(value);
        // As Java prints it: 2 is 2.0.
        return CheckRange(number.ToString(number == Math.Floor(number) ? "F1" : "R", CultureInfo.InvariantCulture), number);
    }

    private string? CheckRange(string value, double number)
    {
        if (number == Besides)
            return null;
        if (Besides is { } besides && (number < Min || number > Max))
        {
            return Refuse(
                value, string.Create(CultureInfo.InvariantCulture, $"Value must be between {Min} and {Max} or equal to {besides}"));
        }

        if (number < Min)
            return Refuse(value, string.Create(CultureInfo.InvariantCulture, $"Value must be at least {Min}"));
        return number > Max ? Refuse(value, string.Create(CultureInfo.InvariantCulture, $"Value must be no more than {Max}")) : null;
    }

    private string? CheckList(string value)
    {
        var words = SplitList(value);
        if (AreReplicas && value.Trim() != "*" && !words.All(IsReplica))
        {
            return Refuse($"[{string.Join(", ", words)}]",
                $"{Name} must be the literal '*' or a list of replicas in the following format: "
                + "[partitionId]:[brokerId],[partitionId]:[brokerId],...");
        }

        return words.Select(CheckWord).FirstOrDefault(static fault => fault is not null);
    }

    private string? CheckWord(string word)
    {
        if (CheckFormat?.Invoke(word) is { } fault)
            return Refuse(word, $"Invalid value `{word}` for configuration {Name}. {fault}");
        return Allowed.Length == 0 || Allowed.Contains(word)
            ? null
            : Refuse(word, $"String must be one of: {string.Join(", ", Allowed)}");
    }

    private string NoNumber(string value) => Refuse(value, $"Not a number of type {Type.ToString().ToUpperInvariant()}");

    private string Refuse(string value, string reason) => $"Invalid value {value} for configuration {Name}: {reason}";

    private static bool IsReplica(string word) =>
        word.Split(':') is [var partition, var broker] && partition.All(char.IsAsciiDigit) && broker.All(char.IsAsciiDigit)
        && partition.Length > 0 && broker.Length > 0;

    /// <summary>Splits the value of a list at its commas.</summary>
    public static string[] SplitList(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A broker's setting that stands in for a topic's, and how its number converts.</summary>
/// <param name="Name">The broker's setting.</param>
/// <param name="Factor">What its value is multiplied by: 3,600,000 from hours to milliseconds. 1 for values that are not numbers
/// too.</param>
internal readonly record struct ConfigSynonym(string Name, long Factor = 1);
