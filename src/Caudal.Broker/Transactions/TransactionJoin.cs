namespace Caudal.Broker.Transactions;

/// <summary>How a partition comes into the transaction of the records that are written to it (KIP-890).</summary>
internal enum TransactionJoin
{
    /// <summary>The client has added it: who has not gets INVALID_TXN_STATE.</summary>
    Verify,

    /// <summary>The client has added it: who has not gets TRANSACTION_ABORTABLE, which it knows.</summary>
    VerifyAbortable,

    /// <summary>It is added by the write itself.</summary>
    Add,
}
