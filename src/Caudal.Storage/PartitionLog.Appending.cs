using System.Runtime.CompilerServices;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Files;
using Caudal.Storage.Producers;
using Caudal.Storage.Segments;

namespace Caudal.Storage;

public sealed partial class PartitionLog
{
    /// <summary>Appends a producer's batch, or the coordinator's batches, and gives them offsets.</summary>
    /// <param name="batches">
    /// Whole batches: exactly one from a client. The log writes offsets, leader epoch and timestamps into this memory; it keeps no
    /// reference to it once the returned task is complete.
    /// </param>
    /// <param name="origin">Who appends.</param>
    /// <param name="cancellationToken">Gives up waiting for the disk; the batch stays appended.</param>
    /// <returns>
    /// The outcome, complete when the records are as durable as the store promises. Errors are results, not exceptions. If a coordinator's
    /// later batch is refused, the earlier ones stay.
    /// </returns>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public ValueTask<AppendResult> AppendAsync(
        Memory<byte> batches, AppendOrigin origin, CancellationToken cancellationToken = default) =>
        StartAppendAsync(batches, new AppendTerms(origin), cancellationToken);

    private ValueTask<AppendResult> StartAppendAsync(Memory<byte> batches, AppendTerms terms, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<AppendResult>(cancellationToken);
        var config = Config;
        var (error, message) = BatchValidator.Validate(batches.Span, terms.Origin, config, this, NowMs, out var faults);
        if (error != ErrorCode.None)
            return ValueTask.FromResult(AppendResult.Failed(error, message!, faults));
        AppendResult result;
        lock (_lock)
            result = Append_UnderLock(batches.Span, terms, config);
        if (result.Error != ErrorCode.None)
            return ValueTask.FromResult(result);
        if (MustWaitForDisk(result, config))
            return WaitForDiskAsync(result, cancellationToken);
        _waiters.Notify();
        return ValueTask.FromResult(result);
    }

    private bool MustWaitForDisk(AppendResult result, LogConfig config)
    {
        if (_context.Flusher is null)
            return false;
        var flushed = RecoveryPoint;
        return flushed <= result.LastOffset
            && (_context.Durability == Durability.Group || result.LastOffset + 1 - flushed >= config.FlushMessages);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AppendResult> WaitForDiskAsync(AppendResult result, CancellationToken cancellationToken)
    {
        await _context.Flusher!.Request(this).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (RecoveryPoint > result.LastOffset)
            return result;
        var message = _failure ?? $"The log of {Name} was closed before the disk had the records.";
        return AppendResult.Failed(ErrorCode.KafkaStorageError, message);
    }

    private AppendResult Append_UnderLock(Span<byte> batches, AppendTerms terms, LogConfig config)
    {
        if (_state != State.Open)
            return AppendResult.Failed(GoneError(), $"The log of {Name} was {(_state == State.Deleted ? "deleted" : "closed")}.");
        if (_failure is not null)
            return AppendResult.Failed(ErrorCode.KafkaStorageError, _failure);
        var baseOffset = _endOffset;
        var appendTime = -1L;
        for (var position = 0; position < batches.Length;)
        {
            var batch = RecordBatchView.Read(batches[position..]);
            var (error, message) = Check_UnderLock(batch, terms, out var original);
            if (original is { } duplicate)
            {
                appendTime = config.TimestampType == TimestampType.LogAppendTime ? duplicate.TimestampMs : -1;
                return new AppendResult(ErrorCode.None, duplicate.FirstOffset, appendTime, _logStartOffset, null, duplicate.LastOffset);
            }

            if (error == ErrorCode.None)
                (error, message) = TryAppendBatch_UnderLock(batches.Slice(position, batch.SizeInBytes), config, out appendTime);
            if (error != ErrorCode.None)
                return AppendResult.Failed(error, message!);
            position += batch.SizeInBytes;
        }

        if (_context.Durability != Durability.Group)
            MoveHighWatermark_UnderLock(_endOffset);
        return new AppendResult(ErrorCode.None, baseOffset, appendTime, _logStartOffset, null, _endOffset - 1);
    }

    private (ErrorCode Error, string? Message) Check_UnderLock(RecordBatchView batch, AppendTerms terms, out ProducerBatch? original)
    {
        original = null;
        if (batch.IsControl)
            return _producers.CheckMarker(batch, terms.RaisesEpoch);
        var isDuplicate = false;
        var found = default(ProducerBatch);
        // What the coordinators write in a producer's name has no sequence numbers.
        var (error, message) = terms.Origin == AppendOrigin.Client
            ? _producers.Check(batch, out found, out isDuplicate)
            : _producers.CheckEpoch(batch);
        if (isDuplicate)
            original = found;
        if (error != ErrorCode.None || original is not null || !batch.IsTransactional || terms.MarkerCount < 0)
            return (error, message);
        return terms.MarkerCount != _markerCount && !_producers.HasOpenTransaction(batch.ProducerId, batch.ProducerEpoch)
            ? (ErrorCode.ConcurrentTransactions, "A transaction ended in the partition while the batch was on its way.")
            : (ErrorCode.None, null);
    }

    private (ErrorCode Error, string? Message) TryAppendBatch_UnderLock(Span<byte> bytes, LogConfig config, out long appendTime)
    {
        RecordBatchPatch.SetBaseOffset(bytes, _endOffset);
        RecordBatchPatch.SetLeaderEpoch(bytes, LeaderEpoch);
        var nowMs = NowMs;
        appendTime = -1L;
        if (config.TimestampType == TimestampType.LogAppendTime)
        {
            appendTime = nowMs;
            RecordBatchPatch.SetLogAppendTime(bytes, nowMs);
        }

        var batch = RecordBatchView.Read(bytes);
        try
        {
            var segment = _segments[^1];
            if (segment.ShouldRoll(config, bytes.Length, batch.LastOffset, batch.MaxTimestamp, nowMs))
                segment = Roll_UnderLock();
            segment.Append(batch, config.IndexIntervalBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (ErrorCode.KafkaStorageError, NoteWriteFailure_UnderLock(e));
        }

        _cannotWrite = false;
        _needsWriting = true;
        if (_producers.Add(batch) is { } aborted)
            _segments[^1].AddAborted(aborted);
        if (batch.IsControl)
            Volatile.Write(ref _markerCount, _markerCount + 1);
        Volatile.Write(ref _endOffset, batch.LastOffset + 1);
        ScheduleFlush_UnderLock(config);
        return (ErrorCode.None, null);
    }

    private LogSegment Roll_UnderLock()
    {
        (_segments[^1].Data as FileData)?.CutTorn();
        _directory?.WriteSnapshot(_endOffset, _producers);
        // An orderly end may have left indexes of when the segment was shorter: nobody may take them for the whole.
        _directory?.DeleteIndexes(_segments[^1].BaseOffset);
        var segment = NewSegment(_endOffset);
        _nameCount++;
        Volatile.Write(ref _segments, [.. _segments, segment]);
        // Brings the closed segment and its indexes to the disk; nobody waits for it.
        _ = _context.Flusher?.Request(this);
        return segment;
    }

    private void MoveHighWatermark_UnderLock(long offset)
    {
        Volatile.Write(ref _highWatermark, offset);
        Volatile.Write(ref _lastStableOffset, Math.Min(offset, Math.Max(_producers.FirstUnstableOffset(offset), _logStartOffset)));
    }
}
