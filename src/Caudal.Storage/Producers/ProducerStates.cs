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

        if (CheckEpoch(batch) is var fault && fault.Error != ErrorCode.None)
            return fault;

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

    /// <summary>Checks that no higher epoch of a batch's producer is known.</summary>
    internal (ErrorCode Error, string? Message) CheckEpoch(RecordBatchView batch) =>
        _producers.TryGetValue(batch.ProducerId, out var state) && batch.ProducerEpoch < state.Epoch
            ? (ErrorCode.InvalidProducerEpoch,
                $"Producer {batch.ProducerId} wrote with epoch {batch.ProducerEpoch}, but epoch {state.Epoch} has taken its place.")
            : (ErrorCode.None, null);

    /// <summary>Whether a producer has an open transaction in an epoch.</summary>
    internal bool HasOpenTransaction(long producerId, short epoch) =>
        _producers.TryGetValue(producerId, out var state) && state.TransactionStart >= 0 && state.Epoch == epoch;

    /// <summary>All producers by their ids.</summary>
    internal ProducerDescription[] Describe()
    {
        var result = new ProducerDescription[_producers.Count];
        var count = 0;
        foreach (var state in _producers.Values)
        {
            result[count++] = new ProducerDescription(
                state.ProducerId, state.Epoch, state.LastSequence, state.LastTimestampMs, state.CoordinatorEpoch, state.TransactionStart);
        }

        Array.Sort(result, static (x, y) => x.ProducerId.CompareTo(y.ProducerId));
        return result;
    }

    /// <summary>Checks a marker against the markers before it.</summary>
    /// <param name="batch">The marker.</param>
    /// <param name="raisesEpoch">Whether it must have a higher epoch than the transaction that it ends.</param>
    internal (ErrorCode Error, string? Message) CheckMarker(RecordBatchView batch, bool raisesEpoch)
    {
        if (!_producers.TryGetValue(batch.ProducerId, out var state))
            return (ErrorCode.None, null);
        if (batch.ProducerEpoch < state.Epoch || (raisesEpoch && batch.ProducerEpoch == state.Epoch && state.TransactionStart >= 0))
        {
            return (ErrorCode.InvalidProducerEpoch,
                $"The marker has producer epoch {batch.ProducerEpoch}, the log knows epoch {state.Epoch} of the producer.");
        }

        var marker = ControlRecord.Read(batch);
        return marker.CoordinatorEpoch >= 0 && marker.CoordinatorEpoch < state.CoordinatorEpoch
            ? (ErrorCode.TransactionCoordinatorFenced,
                $"The marker has coordinator epoch {marker.CoordinatorEpoch}, {state.CoordinatorEpoch} was seen.")
            : (ErrorCode.None, null);
    }

    /// <summary>Notes a batch that is in the log.</summary>
    /// <returns>The transaction that it aborts; null if it is no such marker.</returns>
    internal AbortedTransaction? Add(RecordBatchView batch)
    {
        if (batch.ProducerId < 0)
            return null;
        var state = GetOrAdd(batch.ProducerId);
        state.EnterEpoch(batch.ProducerEpoch);
        state.LastEntryOffset = batch.LastOffset;
        if (batch.IsControl)
        {
            return EndTransaction(state, batch);
        }

        if (batch.BaseSequence >= 0)
            state.Add(new ProducerBatch(batch.LastSequence, batch.LastOffset, batch.LastOffsetDelta, batch.MaxTimestamp));
        if (batch.IsTransactional && state.TransactionStart < 0)
        {
            state.TransactionStart = batch.BaseOffset;
            _open[batch.BaseOffset] = batch.ProducerId;
        }

        return null;
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
        var result = FirstOpen(long.MaxValue);
        foreach (var (start, _) in _ended)
            result = Math.Min(result, start);
        return result;
    }

    /// <summary>Where the first open transaction begins; the log's end if there is none.</summary>
    internal long FirstOpenOffset(long end) => FirstOpen(end);

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

    private long FirstOpen(long none)
    {
        if (_open.Count == 0)
            return none;
        using var first = _open.Keys.GetEnumerator();
        return first.MoveNext() ? first.Current : none;
    }

    private AbortedTransaction? EndTransaction(ProducerState state, RecordBatchView batch)
    {
        // Compaction left the header only: nothing is left of the transaction either.
        if (batch.RecordCount == 0)
            return null;
        var marker = ControlRecord.Read(batch);
        state.CoordinatorEpoch = Math.Max(state.CoordinatorEpoch, marker.CoordinatorEpoch);
        state.LastTimestampMs = batch.MaxTimestamp;
        // A marker without records before it changes nothing for readers.
        if (state.TransactionStart < 0)
            return null;
        var start = state.TransactionStart;
        _open.Remove(start);
        _ended.Enqueue((start, batch.LastOffset));
        state.TransactionStart = -1;
        return marker.Type == ControlRecordType.Abort
            ? new AbortedTransaction(state.ProducerId, start, batch.LastOffset, FirstOpen(batch.LastOffset + 1))
            : null;
    }
}
