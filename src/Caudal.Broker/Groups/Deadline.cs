namespace Caudal.Broker.Groups;

/// <summary>Something that is to happen unless it is put off or cancelled in time: the end of a session, of a rebalance.</summary>
/// <remarks>Set and cancelled through the <see cref="DeadlineQueue"/>, under the coordinator's lock.</remarks>
internal sealed class Deadline(Action reached)
{
    internal const long None = long.MaxValue;

    /// <summary>When it is reached, in ms of the queue's clock; <see cref="None"/> if it is not set.</summary>
    internal long DueMs { get; set; } = None;

    /// <summary>The priority of its live entry in the queue; <see cref="None"/> without one.</summary>
    internal long QueuedMs { get; set; } = None;

    /// <summary>What happens.</summary>
    internal Action Reached { get; } = reached;
}
