namespace Caudal.Client;

/// <summary>What a partitioner may look at.</summary>
public readonly ref struct PartitionContext
{
    /// <summary>The topic's name.</summary>
    public required string Topic { get; init; }

    /// <summary>How many partitions the topic has, at least 1.</summary>
    public required int PartitionCount { get; init; }

    /// <summary>The key's bytes; empty if it is null.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>Whether the key is null.</summary>
    public bool IsKeyNull { get; init; }

    /// <summary>The value's bytes; empty if it is null.</summary>
    public ReadOnlySpan<byte> Value { get; init; }
}
