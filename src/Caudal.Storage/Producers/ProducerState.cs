using Caudal.Protocol.Records;

namespace Caudal.Storage.Producers;

/// <summary>
/// What a log knows about one idempotent producer: its epoch, its last five batches, its open transaction (KIP-98, KIP-360).
/// </summary>
internal sealed class ProducerState(long producerId)
{
    /// <summary>How many batches are remembered: the most that a producer may have in flight.</summary>
    internal const int Window = 5;

    private readonly ProducerBatch[] _batches = new ProducerBatch[Window];
    private int _first;

    internal long ProducerId { get; } = producerId;

    internal short Epoch { get; set; } = -1;

    internal int CoordinatorEpoch { get; set; } = -1;

    /// <summary>The first offset of the open transaction; −1 if there is none.</summary>
    internal long TransactionStart { get; set; } = -1;

    /// <summary>The time of the last batch or marker, by its own timestamp.</summary>
    internal long LastTimestampMs { get; set; } = -1;

    internal int Count { get; private set; }

    /// <summary>The remembered batches from the oldest, 0, on.</summary>
    internal ProducerBatch this[int index] => _batches[(_first + index) % Window];

    internal int LastSequence => Count == 0 ? -1 : this[Count - 1].LastSequence;

    internal long LastOffset => Count == 0 ? -1 : this[Count - 1].LastOffset;

    /// <summary>The offset of the last batch or marker that was appended since the log was opened; −1 if there was none.</summary>
    internal long LastEntryOffset { get; set; } = -1;

    /// <summary>Moves to an epoch; the batches of another one are forgotten.</summary>
    internal void EnterEpoch(short epoch)
    {
        if (Epoch == epoch)
            return;
        Epoch = epoch;
        Count = 0;
    }

    internal void Add(ProducerBatch batch)
    {
        if (Count == Window)
        {
            _first = (_first + 1) % Window;
            Count--;
        }

        _batches[(_first + Count) % Window] = batch;
        Count++;
        LastTimestampMs = batch.TimestampMs;
    }

    /// <summary>Finds the batch that was appended before with the same epoch and sequence numbers.</summary>
    internal bool TryFindDuplicate(RecordBatchView batch, out ProducerBatch original)
    {
        original = default;
        if (batch.ProducerEpoch != Epoch)
            return false;
        for (var i = Count - 1; i >= 0; i--)
        {
            original = this[i];
            if (original.LastSequence == batch.LastSequence && original.FirstSequence == batch.BaseSequence)
                return true;
        }

        return false;
    }
}
