namespace Caudal.Cli.Output;

/// <summary>A topic.</summary>
internal sealed record TopicJson
{
    public required string Name { get; init; }

    public string? TopicId { get; init; }

    public int? Partitions { get; init; }

    public int? ReplicationFactor { get; init; }

    public bool? Internal { get; init; }

    /// <summary>The settings that differ from the broker's.</summary>
    public SortedDictionary<string, string?>? Configs { get; init; }

    public PartitionJson[]? PartitionDetails { get; init; }

    /// <summary>What became of the topic: <c>created</c>, <c>deleted</c>, <c>exists</c>, <c>missing</c>.</summary>
    public string? Outcome { get; init; }
}

/// <summary>A partition of a topic.</summary>
internal sealed record PartitionJson(int Partition, int Leader, int[] Replicas, int[] Isr, long? StartOffset, long? EndOffset);

/// <summary>A group in a list.</summary>
internal sealed record GroupListingJson(string Group, string Protocol, string State);

/// <summary>A group with what it has read.</summary>
internal sealed record GroupJson(string Group, string State, string Protocol, string Assignor, int Members, GroupOffsetJson[] Offsets);

/// <summary>How far a group has read a partition.</summary>
internal sealed record GroupOffsetJson(
    string Topic, int Partition, long? CurrentOffset, long? LogEndOffset, long? Lag, string? ConsumerId, string? Host, string? ClientId);

/// <summary>Where a record was written.</summary>
internal sealed record ProducedJson(string Topic, int Partition, long Offset, long Timestamp);

/// <summary>A node of a broker that runs in another terminal.</summary>
internal sealed record NodeJson(int Node, string Address, string State, int Leads);
