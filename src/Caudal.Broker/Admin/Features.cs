using System.Collections.Concurrent;
using Caudal.Broker.Releases;

namespace Caudal.Broker.Admin;

/// <summary>The features of the cluster (KIP-584): what this broker could do, and at which level it works.</summary>
/// <remarks>Thread safe. Levels that were changed come from the metadata journal.</remarks>
internal sealed class Features
{
    /// <summary>The level of Kafka's metadata; tools take it for the cluster's version.</summary>
    public const string MetadataVersion = "metadata.version";

    private readonly ConcurrentDictionary<string, short> _levels = new(StringComparer.Ordinal);
    private long _epoch;

    /// <summary>Starts at the levels of Kafka 4.3, over which those in <paramref name="changed"/> go.</summary>
    /// <param name="changed">The levels that somebody set.</param>
    /// <param name="release">An older release to act as, which knows lower levels and fewer features; null for Kafka 4.3.</param>
    public Features(IReadOnlyDictionary<string, short> changed, KafkaRelease? release = null)
    {
        Supported = release is null ? All : [.. All.SelectMany(feature => Of(release, feature))];
        foreach (var feature in Supported)
        {
            var level = changed.TryGetValue(feature.Name, out var set) ? set : feature.Initial;
            _levels[feature.Name] = Math.Min(level, feature.Max);
        }
    }

    /// <summary>What this broker could do.</summary>
    public IReadOnlyList<Feature> Supported { get; }

    private static IReadOnlyList<Feature> All { get; } =
    [
        // 3.3-IV3 to 4.3-IV0. The broker keeps no KRaft metadata: the level is told, and it never goes down, as in Kafka.
        new(MetadataVersion, 7, 30, 30),
        // Each transaction has an epoch of its own (KIP-890). Clients that are not told so keep to the first protocol.
        new("transaction.version", 0, 2, 2),
    ];

    /// <summary>Grows with every change of a level.</summary>
    public long Epoch => Interlocked.Read(ref _epoch);

    /// <summary>The level at which a feature works; 0 for one that is off or not known.</summary>
    public short LevelOf(string name) => _levels.GetValueOrDefault(name);

    /// <summary>Takes over a level that is on disk.</summary>
    public void Set(string name, short level)
    {
        _levels[name] = level;
        Interlocked.Increment(ref _epoch);
    }

    /// <summary>Says why a feature must not get a level; null if it may.</summary>
    /// <param name="name">The feature.</param>
    /// <param name="level">The level asked for.</param>
    /// <param name="mayGoDown">Whether the request allows a lower level than now.</param>
    /// <param name="nodeId">The broker, for the message.</param>
    public string? Fault(string name, short level, bool mayGoDown, int nodeId)
    {
        var start = $"Invalid update version {level} for feature {name}. ";
        if (Supported.FirstOrDefault(f => f.Name == name) is not { } feature)
            return $"{start}Local controller {nodeId} does not support this feature.";
        if (level != 0 && (level < feature.Min || level > feature.Max))
            return $"{start}Local controller {nodeId} only supports versions {feature.Min}-{feature.Max}";
        if (level >= LevelOf(name))
            return null;
        if (!mayGoDown)
        {
            return $"{start}Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe "
                + "downgrade.";
        }

        return name == MetadataVersion
            ? $"Invalid metadata.version {level}. Unsafe metadata downgrade is not supported in this version."
            : null;
    }

    private static IEnumerable<Feature> Of(KafkaRelease release, Feature feature)
    {
        foreach (var (name, min, max) in release.Features)
        {
            if (name == feature.Name)
                yield return feature with { Min = min, Max = Math.Min(max, feature.Max), Initial = Math.Min(max, feature.Initial) };
        }
    }
}

/// <summary>A feature that the broker knows.</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Min">The lowest level.</param>
/// <param name="Max">The highest level.</param>
/// <param name="Initial">The level of a new cluster.</param>
internal sealed record Feature(string Name, short Min, short Max, short Initial);
