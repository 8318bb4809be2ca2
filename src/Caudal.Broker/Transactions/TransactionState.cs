namespace Caudal.Broker.Transactions;

/// <summary>What a transactional id is doing, by Kafka's numbers in <c>__transaction_state</c>.</summary>
internal enum TransactionState : sbyte
{
    /// <summary>No transaction yet.</summary>
    Empty = 0,

    /// <summary>A transaction is open.</summary>
    Ongoing = 1,

    /// <summary>The transaction will be committed whatever happens: the markers are being written.</summary>
    PrepareCommit = 2,

    /// <summary>The transaction will be aborted whatever happens: the markers are being written.</summary>
    PrepareAbort = 3,

    /// <summary>The last transaction was committed.</summary>
    CompleteCommit = 4,

    /// <summary>The last transaction was aborted.</summary>
    CompleteAbort = 5,

    /// <summary>The id is being forgotten. Never in the log.</summary>
    Dead = 6,

    /// <summary>A new producer takes over: the open transaction is about to be aborted. Never in the log.</summary>
    PrepareEpochFence = 7,
}
