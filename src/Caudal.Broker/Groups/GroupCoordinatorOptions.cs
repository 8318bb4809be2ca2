using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caudal.Broker.Groups;

/// <summary>What the coordinator allows and how long it waits: the broker's settings of the names given.</summary>
internal sealed record GroupCoordinatorOptions
{
    /// <summary>How long a group that was empty waits for more members (<c>group.initial.rebalance.delay.ms</c>).</summary>
    /// <value>In ms; 0 by default: a lone consumer starts at once.</value>
    public int InitialRebalanceDelayMs { get; init; }

    /// <summary>The shortest session timeout (<c>group.min.session.timeout.ms</c>).</summary>
    /// <value>In ms; 6 s by default.</value>
    public int MinSessionTimeoutMs { get; init; } = 6_000;

    /// <summary>The longest session timeout (<c>group.max.session.timeout.ms</c>).</summary>
    /// <value>In ms; 30 minutes by default.</value>
    public int MaxSessionTimeoutMs { get; init; } = 1_800_000;

    /// <summary>How many members a group may have (<c>group.max.size</c>).</summary>
    public int MaxSize { get; init; } = int.MaxValue;

    /// <summary>The longest text that goes with an offset (<c>offset.metadata.max.bytes</c>).</summary>
    /// <value>In UTF-16 code units, which is what Kafka counts; 4096 by default.</value>
    public int MaxMetadataLength { get; init; } = 4096;

    /// <summary>How long the offsets of a group without members are kept (<c>offsets.retention.minutes</c>).</summary>
    /// <value>7 days by default.</value>
    public TimeSpan OffsetsRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often expired offsets are looked for (<c>offsets.retention.check.interval.ms</c>).</summary>
    /// <value>10 minutes by default.</value>
    public TimeSpan OffsetsRetentionCheckInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where logging goes; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
