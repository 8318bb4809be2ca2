namespace Caudal.Broker.Transactions;

/// <summary>A transactional id in the coordinator's books.</summary>
/// <remarks>Changed and read under the coordinator's lock.</remarks>
internal sealed class TransactionalId(string id, TransactionStatus status)
{
    /// <summary>The id.</summary>
    public string Id { get; } = id;

    /// <summary>What is so: the log says it, but for a producer that was fenced (see <see cref="IsFenced"/>).</summary>
    public TransactionStatus Status { get; set; } = status;

    /// <summary>Completes when the change that is being written is in the log, or failed; null when none is under way.</summary>
    public Task? Change { get; set; }

    /// <summary>
    /// Whether the epoch was raised to fence a producer, which the log does not say yet because writing it failed: it is not raised twice.
    /// </summary>
    public bool IsFenced { get; set; }

    /// <summary>The end of its transaction that is under way, or was last: the coordinator waits for it when it stops.</summary>
    public Task Ending { get; set; } = Task.CompletedTask;

    /// <summary>Whether markers are being written.</summary>
    public bool IsEnding => Status.State is TransactionState.PrepareCommit or TransactionState.PrepareAbort;
}
