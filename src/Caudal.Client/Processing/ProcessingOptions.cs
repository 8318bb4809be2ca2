using Caudal.Client.Configuration;

namespace Caudal.Client;

/// <summary>How records are handed to a handler by <c>RunAsync</c>. Immutable: change a copy by <c>with</c>.</summary>
public sealed record ProcessingOptions
{
    /// <summary>What keeps its order.</summary>
    /// <value>Default <see cref="ProcessingOrder.Partition"/>.</value>
    public ProcessingOrder Ordering { get; init; } = ProcessingOrder.Partition;

    /// <summary>How many handlers run at a time.</summary>
    /// <value>Default 16, at least 1.</value>
    public int MaxConcurrency { get; init; } = 16;

    /// <summary>
    /// How many records are in the runner at a time: waiting, being handled, or done behind one that is not. It bounds memory, and how
    /// much is
    /// repeated after a crash.
    /// </summary>
    /// <value>Default 1000, at least <see cref="MaxConcurrency"/>.</value>
    public int MaxPending { get; init; } = 1000;

    /// <summary>
    /// Decides about a record that the handler failed on, or that cannot be deserialized. It may put the record somewhere, and is awaited
    /// before the offset counts as done.
    /// </summary>
    /// <value>Default: <see cref="ProcessingErrorAction.Stop"/>. What it throws itself stops too.</value>
    public Func<ProcessingError, CancellationToken, ValueTask<ProcessingErrorAction>> OnError { get; init; } =
        static (_, _) => ValueTask.FromResult(ProcessingErrorAction.Stop);

    /// <summary>Lists every fault of these options with its remedy; empty when they are good.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new OptionFaults();
        faults.InRange(nameof(MaxConcurrency), MaxConcurrency, 1, 100_000);
        faults.InRange(nameof(MaxPending), MaxPending, Math.Max(MaxConcurrency, 1), int.MaxValue);
        faults.NotNull(nameof(OnError), OnError);
        return faults.List;
    }
}

/// <summary>What keeps its order when records are handled in parallel.</summary>
public enum ProcessingOrder
{
    /// <summary>The records of a partition are handled one after another, those of different partitions in parallel.</summary>
    Partition,

    /// <summary>
    /// The records of a partition with the same key (by its bytes) are handled one after another, all others in parallel.
    /// </summary>
    Key,

    /// <summary>Nothing: every record is handled as soon as there is a free handler.</summary>
    None,
}

/// <summary>What becomes of a record that failed.</summary>
public enum ProcessingErrorAction
{
    /// <summary>Processing ends with a <see cref="ProcessingException"/>; the record counts as not done and comes again.</summary>
    Stop,

    /// <summary>The record counts as done, and processing goes on.</summary>
    Skip,
}

/// <summary>A record that failed.</summary>
/// <param name="Record">Which record.</param>
/// <param name="Error">
/// What the handler threw, or a <see cref="RecordDeserializationException"/>, which carries the raw record.
/// </param>
public sealed record ProcessingError(TopicPartitionOffset Record, Exception Error);
