using System.Globalization;
using Caudal.Protocol;

namespace Caudal.Broker.Releases;

/// <summary>A release of Apache Kafka that the broker can act as: which versions of which APIs clients are served.</summary>
/// <remarks>
/// Sources: 3.3 and 4.3 from brokers of these releases (their answer to ApiVersions); 2.4, 2.8 and 3.9 from the message definitions and
/// change history of Apache Kafka's repository. 2.4 and 2.8 are brokers with ZooKeeper, the later ones with KRaft. APIs between brokers are
/// left out, as are those that need a plugin (telemetry).
/// </remarks>
internal sealed class KafkaRelease
{
    private readonly Dictionary<ApiKey, (short Min, short Max)> _versions;

    private KafkaRelease(string name, string versions, (string Name, short Min, short Max)[] features)
    {
        Name = name;
        Features = features;
        _versions = versions.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Parse)
            .ToDictionary(v => v.Key, v => (v.Min, v.Max));
    }

    /// <summary>All of them, the oldest first.</summary>
    public static IReadOnlyList<KafkaRelease> All { get; } =
    [
        new("2.4",
            """
            0:8 1:11 2:5 3:9 8:8 9:6 10:3 11:6 12:4 13:4 14:4 15:5 16:3 17:1 18:3 19:5 20:4 21:1 22:2 23:3 24:1 25:1 26:1 27:0 28:2 29:1
            30:1 31:1 32:2 33:1 34:1 35:1 36:1 37:1 38:2 39:1 40:1 41:1 42:2 43:2 44:1 45:0 46:0 47:0
            """,
            []),
        new("2.8",
            """
            0:9 1:12 2:6 3:11 8:8 9:7 10:3 11:7 12:4 13:4 14:5 15:5 16:4 17:1 18:3 19:7 20:6 21:2 22:4 23:4 24:3 25:3 26:3 27:1 28:3 29:2
            30:2 31:2 32:4 33:2 34:2 35:2 36:2 37:3 38:2 39:2 40:2 41:2 42:2 43:2 44:1 45:0 46:0 47:0 48:1 49:1 50:0 51:0 57:0 60:0 61:0
            """,
            []),
        new("3.3",
            """
            0:9 1:13 2:7 3:12 8:8 9:8 10:4 11:9 12:4 13:5 14:5 15:5 16:4 17:1 18:3 19:7 20:6 21:2 22:4 23:4 24:3 25:3 26:3 27:1 28:3 29:3
            30:3 31:3 32:4 33:2 34:2 35:4 36:2 37:3 42:2 43:2 44:1 45:0 46:0 47:0 48:1 49:1 55:1 57:1 60:0 61:0 64:0 65:0 66:0
            """,
            [("metadata.version", 1, 7)]),
        new("3.9",
            """
            0:11 1:17 2:9 3:12 8:9 9:9 10:6 11:9 12:4 13:5 14:5 15:5 16:5 17:1 18:4 19:7 20:6 21:2 22:5 23:4 24:5 25:4 26:4 27:1 28:4 29:3
            30:3 31:3 32:4 33:2 34:2 35:4 36:2 37:3 38:3 39:2 40:2 41:3 42:2 43:2 44:1 45:0 46:0 47:0 48:1 49:1 50:0 51:0 55:2 57:1 60:1
            61:0 64:0 65:0 66:1 68:0 69:0 74:0 75:0 80:0 81:0
            """,
            [("metadata.version", 1, 21)]),
        new("4.3",
            """
            0:13 1:4-18 2:1-11 3:13 8:2-10 9:1-10 10:6 11:9 12:4 13:5 14:5 15:6 16:5 17:1 18:4 19:2-7 20:1-6 21:2 22:5 23:2-4 24:5 25:4 26:5
            27:1-2 28:5 29:1-3 30:1-3 31:1-3 32:1-4 33:2 34:1-2 35:1-5 36:2 37:3 38:1-3 39:1-2 40:1-2 41:1-3 42:2 43:2 44:1 45:1 46:0 47:0
            48:1 49:1 50:0 51:0 55:2 57:2 60:2 61:0 64:0 65:0 66:2 68:1 69:1 74:1 75:0 76:1-1 77:1-1 78:1-2 79:1-2 80:1 81:0 88:0 89:0 90:1
            91:0 92:0
            """,
            [("metadata.version", 7, 30), ("transaction.version", 0, 2), ("group.version", 0, 1)]),
    ];

    /// <summary>Its number, e.g. 3.9.</summary>
    public string Name { get; }

    /// <summary>The features that it finalizes at most, each at its highest level (KIP-584).</summary>
    public IReadOnlyList<(string Name, short Min, short Max)> Features { get; }

    /// <summary>Finds a release by its number; null if there is none.</summary>
    public static KafkaRelease? Find(string name) => All.FirstOrDefault(release => release.Name == name.Trim());

    /// <summary>What it serves of an API; null if it does not have it.</summary>
    public (short Min, short Max)? Versions(ApiKey key) => _versions.TryGetValue(key, out var versions) ? versions : null;

    // KEY:MAX or KEY:MIN-MAX.
    private static (ApiKey Key, short Min, short Max) Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var versions = text[(colon + 1)..].Split('-').Select(v => short.Parse(v, CultureInfo.InvariantCulture)).ToArray();
        var key = (ApiKey)short.Parse(text[..colon], CultureInfo.InvariantCulture);
        return (key, versions.Length > 1 ? versions[0] : (short)0, versions[^1]);
    }
}
