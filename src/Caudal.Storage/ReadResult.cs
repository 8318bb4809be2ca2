using Caudal.Protocol;

namespace Caudal.Storage;

/// <summary>Whole batches read from a log, with what a Fetch response says about the partition.</summary>
/// <remarks>Dispose it once when the bytes are no longer needed: a pooled buffer may stand behind them.</remarks>
/// <param name="Error">
/// <see cref="ErrorCode.None"/>, <see cref="ErrorCode.OffsetOutOfRange"/>, <see cref="ErrorCode.UnknownTopicOrPartition"/> if the log was
/// deleted, or <see cref="ErrorCode.KafkaStorageError"/>. With an error the offsets are −1, as Kafka answers.
/// </param>
/// <param name="Records">Whole batches, the first of which holds the offset asked for; empty if there are none below the bound.</param>
/// <param name="Owner">What keeps <paramref name="Records"/> alive; null if nothing needs to.</param>
/// <param name="HighWatermark">The high watermark when the read began.</param>
/// <param name="LastStableOffset">The last stable offset when the read began.</param>
/// <param name="LogStartOffset">The log's start offset.</param>
public readonly record struct ReadResult(
    ErrorCode Error, ReadOnlyMemory<byte> Records, IDisposable? Owner, long HighWatermark, long LastStableOffset, long LogStartOffset)
    : IDisposable
{
    internal static ReadResult Failed(ErrorCode error) => new(error, default, null, -1, -1, -1);

    /// <summary>Gives the buffer back.</summary>
    public void Dispose() => Owner?.Dispose();
}
