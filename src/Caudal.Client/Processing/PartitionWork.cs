using Caudal.Client.Consuming;

namespace Caudal.Client.Processing;

/// <summary>What is going on in one partition, from one setting of its position to the next. Guarded by its scheduler's lock.</summary>
internal sealed class PartitionWork<TRecord>(PartitionCursor cursor, PositionTrack root, CancellationToken stopped) : IDisposable
{
    private readonly CancellationTokenSource _lost = CancellationTokenSource.CreateLinkedTokenSource(stopped);

    public TopicPartition Partition => cursor.Partition;

    /// <summary>Records in the order of their offsets, from the first that is not done.</summary>
    public Queue<WorkItem<TRecord>> Open { get; } = new();

    public Dictionary<int, WorkLane<TRecord>> Lanes { get; } = [];

    /// <summary>How many of its records are being handled now.</summary>
    public int Running { get; set; }

    /// <summary>Whether what has not begun is not to begin any more.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>Completes when nothing is running any more; made when somebody waits for it.</summary>
    public TaskCompletionSource? Drained { get; set; }

    /// <summary>Cancelled when the partition was lost, or everything is stopped.</summary>
    public CancellationToken Lost { get; private set; }

    public void Begin() => Lost = _lost.Token;

    /// <summary>Whether a track goes on where this work's does: nobody has sought since.</summary>
    public bool IsContinuedBy(PartitionCursor other, PositionTrack track) => other == cursor && track.Root == root;

    /// <summary>Everything before an offset is done.</summary>
    public void Store(long offset)
    {
        // After a seek the offset means nothing any more.
        if (cursor.Track is var track && track.Root == root)
            track.Stored = offset;
    }

    public void Cancel() => _lost.Cancel();

    public void Dispose() => _lost.Dispose();
}
