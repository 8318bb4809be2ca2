using System.CommandLine;

namespace Caudal.Cli.Kafka;

/// <summary>The options that Kafka's console tools share.</summary>
internal static class KafkaOptions
{
    /// <summary>Kafka's <c>--bootstrap-server</c>, which its tools demand.</summary>
    public static Option<string> Bootstrap() =>
        new("--bootstrap-server") { Description = "The brokers to connect to. Required.", HelpName = "HOST:PORT", Required = true };

    /// <summary>An option with a text.</summary>
    public static Option<string> Text(string name, string description, string value) => new(name)
    {
        Description = description,
        HelpName = value,
    };

    /// <summary>An option with a text that may be given several times.</summary>
    public static Option<string[]> Texts(string name, string description, string value) => new(name)
    {
        Description = description,
        HelpName = value,
    };

    /// <summary>An option that is there or not.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>An option with a whole number.</summary>
    public static Option<int?> Int(string name, string description, string value) => new(name)
    {
        Description = description,
        HelpName = value,
    };

    /// <summary>An option with a long whole number.</summary>
    public static Option<long?> Long(string name, string description, string value) => new(name)
    {
        Description = description,
        HelpName = value,
    };
}
