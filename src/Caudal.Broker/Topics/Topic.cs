using Caudal.Protocol;
using Caudal.Storage;

namespace Caudal.Broker.Topics;

/// <summary>A topic as the handlers see it: its name, its id, its settings and the logs of its partitions.</summary>
/// <remarks>Thread safe: what changes is replaced as a whole by the <see cref="TopicRegistry"/>.</remarks>
internal sealed class Topic
{
    private volatile IReadOnlyDictionary<string, string> _configs;
    private volatile PartitionLog[] _partitions;
    private volatile StoredCompression? _compression;

    /// <summary>Creates the view of a topic whose logs exist.</summary>
    public Topic(
        string name, Uuid id, IReadOnlyDictionary<string, string> configs, PartitionLog[] partitions, StoredCompression? compression)
    {
        Name = name;
        Id = id;
        IsInternal = TopicNames.IsInternal(name);
        _configs = configs;
        _partitions = partitions;
        _compression = compression;
    }

    /// <summary>The topic's name.</summary>
    public string Name { get; }

    /// <summary>The topic's id: another one when the topic is deleted and created again.</summary>
    public Uuid Id { get; }

    /// <summary>Whether the topic is the broker's own.</summary>
    public bool IsInternal { get; }

    /// <summary>The settings that the topic has of its own.</summary>
    public IReadOnlyDictionary<string, string> Configs
    {
        get => _configs;
        internal set => _configs = value;
    }

    /// <summary>The codec that batches are stored with; null to keep what producers send.</summary>
    public StoredCompression? Compression
    {
        get => _compression;
        internal set => _compression = value;
    }

    /// <summary>The logs, by partition number.</summary>
    public PartitionLog[] Partitions
    {
        get => _partitions;
        internal set => _partitions = value;
    }

    /// <summary>Finds the log of a partition; null if the topic has no such partition.</summary>
    public PartitionLog? Partition(int number)
    {
        var partitions = _partitions;
        return (uint)number < (uint)partitions.Length ? partitions[number] : null;
    }
}

/// <summary>What became of a change to a topic.</summary>
/// <param name="Error">None, or why it was refused.</param>
/// <param name="Message">The reason in words.</param>
/// <param name="Topic">The topic, when it exists.</param>
internal readonly record struct TopicOutcome(ErrorCode Error, string? Message, Topic? Topic)
{
    /// <summary>A refusal.</summary>
    public static TopicOutcome Refuse(ErrorCode error, string message) => new(error, message, null);
}
