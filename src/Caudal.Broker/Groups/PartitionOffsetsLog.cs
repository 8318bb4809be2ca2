using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage;

namespace Caudal.Broker.Groups;

/// <summary>
/// The coordinator's records in partition logs: a real <c>__consumer_offsets</c>, which is created with the first record.
/// </summary>
internal sealed class PartitionOffsetsLog : IOffsetsLog
{
    private const int ReadBytes = 1 << 20;
    private const int MaxDecompressedBytes = 64 << 20;

    private readonly Func<ValueTask<IReadOnlyList<PartitionLog>>> _create;
    private readonly int _partitionCount;
    private volatile IReadOnlyList<PartitionLog>? _partitions;

    /// <summary>Serves a topic that exists, or will.</summary>
    /// <param name="existing">The topic's logs; null if it does not exist yet.</param>
    /// <param name="partitionCount">How many partitions it is to get; ignored if it exists.</param>
    /// <param name="create">Creates the topic, or finds it, and gives its logs. May be called more than once, and at the same time.</param>
    public PartitionOffsetsLog(
        IReadOnlyList<PartitionLog>? existing, int partitionCount, Func<ValueTask<IReadOnlyList<PartitionLog>>> create)
    {
        _partitions = existing;
        _partitionCount = existing?.Count ?? partitionCount;
        _create = create;
    }

    /// <inheritdoc/>
    public int PartitionCount => _partitionCount;

    /// <inheritdoc/>
    public async ValueTask<ErrorCode> AppendAsync(int partition, IReadOnlyList<OffsetsRecord> records, CancellationToken cancellationToken)
    {
        var partitions = _partitions ??= await _create().ConfigureAwait(false);
        if (partition >= partitions.Count)
            return ErrorCode.UnknownTopicOrPartition;
        using var writer = new RecordBatchWriter(1024);
        foreach (var record in records)
            writer.TryAppend(record.TimestampMs, record.Key, false, record.Value, record.Value is null, [], int.MaxValue);
        var result = await partitions[partition]
            .AppendAsync(writer.Finish(RecordBatchProducer.None), AppendOrigin.Coordinator, cancellationToken)
            .ConfigureAwait(false);
        return result.Error;
    }

    /// <inheritdoc/>
    /// <exception cref="StorageException">A partition cannot be read.</exception>
    public ValueTask ReadAllAsync(OffsetsRecordVisitor visit, CancellationToken cancellationToken)
    {
        foreach (var partition in _partitions ?? [])
            ReadAll(partition, visit, cancellationToken);
        return ValueTask.CompletedTask;
    }

    private static void ReadAll(PartitionLog log, OffsetsRecordVisitor visit, CancellationToken cancellationToken)
    {
        var offset = log.LogStartOffset;
        while (offset < log.HighWatermark)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var read = log.Read(offset, ReadBytes, atLeastOneBatch: true);
            if (read.Error != ErrorCode.None)
            {
                throw new StorageException(
                    $"{log.Topic}-{log.Partition} cannot be read at offset {offset}: {read.Error}. Groups and offsets are kept there.");
            }

            if (read.Records.IsEmpty)
                return;
            offset = Visit(read.Records, visit);
        }
    }

    private static long Visit(ReadOnlyMemory<byte> batches, OffsetsRecordVisitor visit)
    {
        var next = 0L;
        var walk = new RecordBatchEnumerator(batches.Span);
        while (walk.MoveNext())
        {
            var batch = walk.Current;
            next = batch.LastOffset + 1;
            if (batch.IsControl)
                continue;
            if (batch.Codec == 0)
            {
                Visit(batch, batches[(walk.Position + RecordBatchHeader.Size)..walk.Consumed], visit);
                continue;
            }

            using var payload = new PooledBuffer();
            Codec.Decompress((CompressionType)batch.Codec, batch.RecordsPayload, payload, MaxDecompressedBytes);
            Visit(batch, payload.WrittenMemory, visit);
        }

        return next;
    }

    private static void Visit(RecordBatchView batch, ReadOnlyMemory<byte> payload, OffsetsRecordVisitor visit)
    {
        foreach (var record in batch.GetRecords(payload.Span))
        {
            // Without a key it is nobody's record; the topic is compacted, so there is none.
            if (record.IsKeyNull)
                continue;
            // A bare null would become empty memory, not "no value".
            visit(
                payload.Slice(record.KeyStart, record.KeyLength),
                record.IsValueNull ? (ReadOnlyMemory<byte>?)null : payload.Slice(record.ValueStart, record.ValueLength));
        }
    }
}
