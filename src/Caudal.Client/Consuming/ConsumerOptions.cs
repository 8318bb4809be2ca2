using Caudal.Client.Configuration;

namespace Caudal.Client;

/// <summary>How a consumer behaves, apart from the types of its records. Immutable: change a copy by <c>with</c>.</summary>
public record ConsumerOptions
{
    /// <summary>The group that shares the partitions of subscribed topics, and in whose name offsets are committed.</summary>
    /// <value>Kafka's <c>group.id</c>. Default null: no subscriptions, no commits, only <c>Assign</c>.</value>
    public string? GroupId { get; init; }

    /// <summary>
    /// An id that survives restarts (KIP-345): a static member that comes back within its session timeout finds its partitions as they
    /// were.
    /// </summary>
    /// <value>Kafka's <c>group.instance.id</c>. Default null: a dynamic member. Unique within the group.</value>
    public string? GroupInstanceId { get; init; }

    /// <summary>Where to start in a partition without a usable committed offset.</summary>
    /// <value>Kafka's <c>auto.offset.reset</c>. Default <see cref="AutoOffsetReset.Latest"/>.</value>
    public AutoOffsetReset AutoOffsetReset { get; init; } = AutoOffsetReset.Latest;

    /// <summary>How far back <see cref="Caudal.Client.AutoOffsetReset.ByDuration"/> goes.</summary>
    /// <value>The time in Kafka's <c>auto.offset.reset=by_duration:PT1H</c>. Default 0, not negative.</value>
    public TimeSpan AutoOffsetResetAge { get; init; }

    /// <summary>
    /// Is told of the end of a partition when everything before it was handed out: once for each end, by the flow that asks for records.
    /// </summary>
    /// <value>
    /// librdkafka's <c>enable.partition.eof</c> event, with the offset of the next record to come. Default nobody. It must not ask for
    /// records; an exception ends the call that asked.
    /// </value>
    public Action<TopicPartitionOffset>? PartitionEndReached { get; init; }

    /// <summary>Whether stored offsets are committed by themselves: periodically, before partitions are given up, and on close.</summary>
    /// <value>Kafka's <c>enable.auto.commit</c>. Default true if there is a group.</value>
    public bool EnableAutoCommit { get; init; } = true;

    /// <summary>How often stored offsets are committed.</summary>
    /// <value>Kafka's <c>auto.commit.interval.ms</c>. Default 5 s, at least 1 ms.</value>
    public TimeSpan AutoCommitInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the offset behind a record is stored when the next record, batch or lease is asked for: processed at least once.
    /// </summary>
    /// <value>librdkafka's <c>enable.auto.offset.store</c>. Default true. With false, <c>StoreOffset</c> says what is processed.</value>
    public bool EnableAutoOffsetStore { get; init; } = true;

    /// <summary>How long the group waits for a silent member before its partitions go to others.</summary>
    /// <value>Kafka's <c>session.timeout.ms</c>. Default 45 s, at least 1 ms; the broker has bounds of its own.</value>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>How often the member tells the group that it lives, whatever its user is doing.</summary>
    /// <value>Kafka's <c>heartbeat.interval.ms</c>. Default 3 s, less than <see cref="SessionTimeout"/>.</value>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long processing may take between two calls that ask for records; a consumer that takes longer leaves its group.
    /// </summary>
    /// <value>Kafka's <c>max.poll.interval.ms</c>. Default 5 min, at least 1 ms.</value>
    public TimeSpan MaxPollInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The strategies that this member offers its group, the preferred one first.</summary>
    /// <value>Kafka's <c>partition.assignment.strategy</c>. Default range, which members of other clients have too.</value>
    public IReadOnlyList<IGroupAssignor> Assignors { get; init; } = [GroupAssignors.Range];

    /// <summary>Who is told of assigned, revoked and lost partitions, in this order.</summary>
    /// <value>Default nobody.</value>
    public IReadOnlyList<IRebalanceListener> RebalanceListeners { get; init; } = [];

    /// <summary>Whether records of transactions that are open or were aborted are seen.</summary>
    /// <value>
    /// Kafka's <c>isolation.level</c>. Default <see cref="IsolationLevel.ReadUncommitted"/>, as Java's consumer. With
    /// <see cref="IsolationLevel.ReadCommitted"/> a partition ends, for positions and offsets too, at its first open transaction.
    /// </value>
    public IsolationLevel IsolationLevel { get; init; } = IsolationLevel.ReadUncommitted;

    /// <summary>How many bytes a broker should gather before it answers a fetch.</summary>
    /// <value>Kafka's <c>fetch.min.bytes</c>. Default 1.</value>
    public int FetchMinBytes { get; init; } = 1;

    /// <summary>How long a broker may wait for <see cref="FetchMinBytes"/>.</summary>
    /// <value>Kafka's <c>fetch.max.wait.ms</c>. Default 500 ms.</value>
    public TimeSpan FetchMaxWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The most bytes in one answer of a broker; a single larger batch is still sent.</summary>
    /// <value>Kafka's <c>fetch.max.bytes</c>. Default 52428800 (50 MiB).</value>
    public int FetchMaxBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>The most bytes of one partition in one answer; a single larger batch is still sent.</summary>
    /// <value>Kafka's <c>max.partition.fetch.bytes</c>. Default 1048576 (1 MiB).</value>
    public int MaxPartitionFetchBytes { get; init; } = 1024 * 1024;

    /// <summary>The most bytes that are fetched ahead of the user, over all partitions.</summary>
    /// <value>
    /// librdkafka's <c>queued.max.messages.kbytes</c> in bytes. Default 33554432 (32 MiB). A single larger batch is still fetched.
    /// </value>
    public int MaxBufferedBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The most bytes that one compressed batch may unpack to: a limit for hostile or broken data.</summary>
    /// <value>Default 134217728 (128 MiB).</value>
    public int MaxUnpackedBatchBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>Whether the checksum of every batch is verified.</summary>
    /// <value>Kafka's <c>check.crcs</c>. Default true.</value>
    public bool CheckCrcs { get; init; } = true;

    /// <summary>
    /// Whether a batch whose checksum is wrong or whose bytes make no sense is left out, with a warning in the log that names it, instead
    /// of being an error.
    /// </summary>
    /// <value>Default false: consuming stops before the batch with <see cref="RecordBatchException"/>. True loses its records.</value>
    public bool SkipDamagedBatches { get; init; }

    /// <summary>Options from properties by Kafka's names, Java's and librdkafka's, e.g. <c>group.id</c>.</summary>
    /// <param name="properties">
    /// The properties. Those of clients and producers are left to them, so that one set of properties may configure all.
    /// </param>
    /// <exception cref="ArgumentException">
    /// Names that mean nothing here, with the nearest name that does, or values that cannot be read; all are listed.
    /// </exception>
    public static ConsumerOptions FromProperties(IEnumerable<KeyValuePair<string, string>> properties) =>
        OptionProperties.Apply(new ConsumerOptions(), ConsumerProperties.Table, properties);

    /// <summary>Lists every fault of these options with its remedy; empty when they are good.</summary>
    public virtual IReadOnlyList<string> Validate()
    {
        var faults = new OptionFaults();
        var millisecond = TimeSpan.FromMilliseconds(1);
        faults.AtLeast("auto.commit.interval.ms", AutoCommitInterval, millisecond);
        faults.AtLeast("session.timeout.ms", SessionTimeout, millisecond);
        faults.AtLeast("heartbeat.interval.ms", HeartbeatInterval, millisecond);
        faults.AtLeast("max.poll.interval.ms", MaxPollInterval, millisecond);
        faults.AtLeast("fetch.max.wait.ms", FetchMaxWait, TimeSpan.Zero);
        if (HeartbeatInterval >= SessionTimeout)
        {
            faults.Add(
                $"heartbeat.interval.ms is {HeartbeatInterval.TotalMilliseconds} ms; it must be less than session.timeout.ms " +
                $"({SessionTimeout.TotalMilliseconds} ms), a third of it is usual.");
        }

        faults.AtLeast(nameof(AutoOffsetResetAge), AutoOffsetResetAge, TimeSpan.Zero);
        faults.InRange("fetch.min.bytes", FetchMinBytes, 0, int.MaxValue);
        faults.InRange("fetch.max.bytes", FetchMaxBytes, 1, int.MaxValue);
        faults.InRange("max.partition.fetch.bytes", MaxPartitionFetchBytes, 1, int.MaxValue);
        faults.InRange(nameof(MaxBufferedBytes), MaxBufferedBytes, 1, int.MaxValue);
        faults.InRange(nameof(MaxUnpackedBatchBytes), MaxUnpackedBatchBytes, 1, int.MaxValue);
        if (GroupId is { Length: 0 })
            faults.Add("group.id is empty; name the group, or leave it out to consume without one.");
        if (GroupInstanceId is { Length: 0 })
            faults.Add("group.instance.id is empty; give the member an id, or leave it out for a dynamic member.");
        if (GroupInstanceId is not null && GroupId is null)
            faults.Add("group.instance.id is set without a group; set group.id too.");
        if (Assignors is not { Count: > 0 })
            faults.Add("partition.assignment.strategy is empty; leave it out for range.");
        else if (Assignors.Any(a => a is null) || Assignors.DistinctBy(a => a.Name).Count() < Assignors.Count)
            faults.Add("partition.assignment.strategy names a strategy twice, or one is null; name each once.");
        faults.NotNull(nameof(RebalanceListeners), RebalanceListeners);
        if (!Enum.IsDefined(IsolationLevel))
            faults.Add($"isolation.level is {(int)IsolationLevel}; it must be read_uncommitted or read_committed.");
        return faults.List;
    }
}
