namespace Caudal.Client.Processing;

/// <summary>One record on its way through a scheduler, whose lock guards it.</summary>
internal sealed class WorkItem<TRecord>(PartitionWork<TRecord> work, long offset, TRecord record)
{
    public PartitionWork<TRecord> Work => work;

    public long Offset => offset;

    public TRecord Record => record;

    /// <summary>What keeps it from running before its predecessors; null if nothing does.</summary>
    public WorkLane<TRecord>? Lane { get; set; }

    /// <summary>Whether it was handled, or need not be.</summary>
    public bool IsDone { get; set; }
}
