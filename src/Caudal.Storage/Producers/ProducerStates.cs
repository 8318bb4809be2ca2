using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Storage.Producers;

/// <summary>The idempotent producers of a log. Guarded by the log's writer lock.</summary>
internal sealed class ProducerStates
{
    private readonly Dictionary<long, ProducerState> _producers = [];

    // Open transactions by their first offset, and ended ones that a crash could still open again: the high watermark has not passed
    // their markers.
    private readonly SortedDictionary<long, long> _open = [];
    private readonly Queue<(long First, long Last)> _ended = new();

    internal int Count => _producers.Count;

    internal IReadOnlyCollection<ProducerState> All => _producers.Values;

    /// <summary>Checks a client's batch against what its producer wrote before.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="original">The batch as it was appended earlier, if this is a duplicate.</param>
    /// <param name="isDuplicate">Whether it is one.</param>
    internal (ErrorCode Error, string? Message) Check(RecordBatchView batch, out ProducerBatch original, out bool isDuplicate)
    {
        isDuplicate = false;
        original = default;
        if (batch.ProducerId < 0 || !_producers.TryGetValue(batch.ProducerId, out var state))
            return (ErrorCode.None, null);
        if (state.TryFindDuplicate(batch, out original))
        {
            isDuplicate = true;
            return (ErrorCode.None, null);
        }

        if (batch.ProducerEpoch < state.Epoch)
        {
            return (ErrorCode.InvalidProducerEpoch,
                $"Producer {batch.ProducerId} wrote with epoch {batch.ProducerEpoch}, but epoch {state.Epoch} has taken its place.");
        }

        // The epoch is −1 if all that is known of the producer is that it was there: any start is right then.
        var isNext = batch.ProducerEpoch != state.Epoch
            ? batch.BaseSequence == 0 || state.Epoch < 0
            : batch.BaseSequence == (unchecked(state.LastSequence + 1) & int.MaxValue);
        if (!isNext)
        {
            return (ErrorCode.OutOfOrderSequenceNumber,
                $"Producer {batch.ProducerId} sent sequence number {batch.BaseSequence} with epoch {batch.ProducerEpoch}, " +
                $"the last one was {state.LastSequence} with epoch {state.Epoch}.");
        }

        return state.TransactionStart >= 0 && !batch.IsTransactional
            ? (ErrorCode.InvalidTxnState, $"Producer {batch.ProducerId} has an open transaction but sent a batch outside of it.")
            : (ErrorCode.None, null);
    }

    /// <summary>Checks a marker against the markers before it.</summary>
    internal (ErrorCode Error, string? Message) CheckMarker(RecordBatchView batch)
    {
        if (!_producers.TryGetValue(batch.ProducerId, out var state))
            return (ErrorCode.None, null);
        if (batch.ProducerEpoch < state.Epoch)
        {
            return (ErrorCode.InvalidProducerEpoch,
                $"The marker has producer epoch {batch.ProducerEpoch}, epoch {state.Epoch} has taken its place.");
        }

        var marker = ControlRecord.Read(batch);
        return marker.CoordinatorEpoch >= 0 && marker.CoordinatorEpoch < state.CoordinatorEpoch
            ? (ErrorCode.TransactionCoordinatorFenced,
                $"The marker has coordinator epoch {marker.CoordinatorEpoch}, {state.CoordinatorEpoch} was seen.")
            : (ErrorCode.None, null);
    }

    /// <summary>Notes a batch that is in the log.</summary>
    internal void Add(RecordBatchView batch)
    {
        if (batch.ProducerId < 0)
            return;
        var state = GetOrAdd(batch.ProducerId);
        state.EnterEpoch(batch.ProducerEpoch);
        if (batch.IsControl)
        {
            EndTransaction(state, batch);
            return;
        }

        if (batch.BaseSequence >= 0)
            state.Add(new ProducerBatch(batch.LastSequence, batch.LastOffset, batch.LastOffsetDelta, batch.MaxTimestamp));
        if (batch.IsTransactional && state.TransactionStart < 0)
        {
            state.TransactionStart = batch.BaseOffset;
            _open[batch.BaseOffset] = batch.ProducerId;
        }
    }

    /// <summary>Takes over a producer from a snapshot.</summary>
    internal void Restore(ProducerState state)
    {
        _producers[state.ProducerId] = state;
        if (state.TransactionStart >= 0)
            _open[state.TransactionStart] = state.ProducerId;
    }

    /// <summary>The first offset that may not be read as committed; <see cref="long.MaxValue"/> if all may.</summary>
    internal long FirstUnstableOffset(long highWatermark)
    {
        while (_ended.TryPeek(out var ended) && ended.Last < highWatermark)
            _ended.Dequeue();
        var result = long.MaxValue;
        if (_open.Count > 0)
        {
            using var first = _open.Keys.GetEnumerator();
            result = first.MoveNext() ? first.Current : result;
        }

        foreach (var (start, _) in _ended)
            result = Math.Min(result, start);
        return result;
    }

    /// <summary>Forgets producers that wrote nothing since a time and have no open transaction.</summary>
    internal void RemoveBefore(long timestampMs)
    {
        foreach (var (id, state) in _producers)
        {
            if (state.TransactionStart < 0 && state.LastTimestampMs < timestampMs)
                _producers.Remove(id);
        }
    }

    internal void Clear()
    {
        _producers.Clear();
        _open.Clear();
        _ended.Clear();
    }

    private ProducerState GetOrAdd(long producerId)
    {
        if (!_producers.TryGetValue(producerId, out var state))
            _producers[producerId] = state = new ProducerState(producerId);
        return state;
    }

    private void EndTransaction(ProducerState state, RecordBatchView batch)
    {
        var marker = ControlRecord.Read(batch);
        state.CoordinatorEpoch = Math.Max(state.CoordinatorEpoch, marker.CoordinatorEpoch);
        state.LastTimestampMs = batch.MaxTimestamp;
        if (state.TransactionStart < 0)
            return;
        _open.Remove(state.TransactionStart);
        _ended.Enqueue((state.TransactionStart, batch.LastOffset));
        state.TransactionStart = -1;
    }
}
