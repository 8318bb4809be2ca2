using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Storage;

public sealed partial class PartitionLog
{
    /// <summary>Appends a producer's batch, or the coordinator's batches, and gives them offsets.</summary>
    /// <param name="batches">
    /// Whole batches: exactly one from a client. The log writes offsets, leader epoch and timestamps into this memory; it keeps no reference to it once the
    /// returned task is complete.
    /// </param>
    /// <param name="origin">Who appends.</param>
    /// <param name="cancellationToken">Gives up waiting for the disk; the batch stays appended.</param>
    /// <returns>The outcome, complete when the records are as durable as the store promises. Errors are results, not exceptions.</returns>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public ValueTask<AppendResult> AppendAsync(Memory<byte> batches, AppendOrigin origin, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var config = Config;
        var (error, message) = BatchValidator.Validate(batches.Span, origin, config, NowMs);
        if (error != ErrorCode.None)
            return ValueTask.FromResult(AppendResult.Failed(error, message!));
        AppendResult result;
        lock (_lock)
            result = Append_UnderLock(batches.Span, origin, config);
        if (result.Error == ErrorCode.None)
            _waiters.Notify();
        return ValueTask.FromResult(result);
    }

    private AppendResult Append_UnderLock(Span<byte> batches, AppendOrigin origin, LogConfig config)
    {
        if (_deleted)
            return AppendResult.Failed(ErrorCode.UnknownTopicOrPartition, $"The log of {Topic}-{Partition} was deleted.");
        var baseOffset = _endOffset;
        var appendTime = -1L;
        var position = 0;
        while (position < batches.Length)
        {
            var batch = RecordBatchView.Read(batches[position..]);
            var (error, message) = batch.IsControl ? _producers.CheckMarker(batch) : (ErrorCode.None, null);
            if (origin == AppendOrigin.Client)
            {
                (error, message) = _producers.Check(batch, out var original, out var isDuplicate);
                if (isDuplicate)
                {
                    return new AppendResult(
                        ErrorCode.None, original.FirstOffset, config.TimestampType == TimestampType.LogAppendTime ? original.TimestampMs : -1,
                        _logStartOffset, null, original.LastOffset);
                }
            }

            if (error != ErrorCode.None)
                return AppendResult.Failed(error, message!);
            appendTime = AppendBatch_UnderLock(batches.Slice(position, batch.SizeInBytes), config);
            position += batch.SizeInBytes;
        }

        MoveHighWatermark_UnderLock(_endOffset);
        return new AppendResult(ErrorCode.None, baseOffset, appendTime, _logStartOffset, null, _endOffset - 1);
    }

    private long AppendBatch_UnderLock(Span<byte> bytes, LogConfig config)
    {
        RecordBatchPatch.SetBaseOffset(bytes, _endOffset);
        RecordBatchPatch.SetLeaderEpoch(bytes, LeaderEpoch);
        var nowMs = NowMs;
        var appendTime = -1L;
        if (config.TimestampType == TimestampType.LogAppendTime)
        {
            appendTime = nowMs;
            RecordBatchPatch.SetLogAppendTime(bytes, nowMs);
        }

        var batch = RecordBatchView.Read(bytes);
        var segment = _segments[^1];
        if (segment.ShouldRoll(config, bytes.Length, batch.LastOffset, batch.MaxTimestamp, nowMs))
            segment = Roll_UnderLock();
        segment.Append(batch, config.IndexIntervalBytes);
        _producers.Add(batch);
        Volatile.Write(ref _endOffset, batch.LastOffset + 1);
        return appendTime;
    }

    private Segments.LogSegment Roll_UnderLock()
    {
        var segment = NewSegment(_endOffset);
        Volatile.Write(ref _segments, [.. _segments, segment]);
        return segment;
    }

    private void MoveHighWatermark_UnderLock(long offset)
    {
        Volatile.Write(ref _highWatermark, offset);
        Volatile.Write(ref _lastStableOffset, Math.Min(offset, _producers.FirstUnstableOffset(offset)));
    }
}
