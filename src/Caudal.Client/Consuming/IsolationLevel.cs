namespace Caudal.Client;

/// <summary>Whether records of transactions that are open or were aborted are seen.</summary>
public enum IsolationLevel
{
    /// <summary>All records, whatever became of their transactions.</summary>
    ReadUncommitted = 0,

    /// <summary>Only records that count. Not supported yet.</summary>
    ReadCommitted = 1,
}
