namespace Caudal.Client;

/// <summary>Whether records of transactions that are open or were aborted are seen.</summary>
public enum IsolationLevel
{
    /// <summary>All records, whatever became of their transactions.</summary>
    ReadUncommitted = 0,

    /// <summary>
    /// Only records that count: those outside of transactions and those of committed ones, up to the first transaction that is open.
    /// </summary>
    ReadCommitted = 1,
}
