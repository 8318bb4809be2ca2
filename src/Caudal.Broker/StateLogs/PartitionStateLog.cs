using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage;

namespace Caudal.Broker.StateLogs;

/// <summary>A coordinator's records in partition logs: a real internal topic, which is created with the first record.</summary>
internal sealed class PartitionStateLog : IStateLog
{
    private const int ReadBytes = 1 << 20;
    private const int MaxDecompressedBytes = 64 << 20;

    private readonly Func<ValueTask<IReadOnlyList<PartitionLog>>> _create;
    private volatile IReadOnlyList<PartitionLog>? _partitions;

    /// <summary>Serves a topic that exists, or will.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="existing">The topic's logs; null if it does not exist yet.</param>
    /// <param name="partitionCount">How many partitions it is to get; ignored if it exists.</param>
    /// <param name="create">Creates the topic, or finds it, and gives its logs. May be called more than once, and at the same time.</param>
    public PartitionStateLog(
        string topic, IReadOnlyList<PartitionLog>? existing, int partitionCount, Func<ValueTask<IReadOnlyList<PartitionLog>>> create)
    {
        Topic = topic;
        _partitions = existing;
        PartitionCount = existing?.Count ?? partitionCount;
        _create = create;
    }

    /// <inheritdoc/>
    public string Topic { get; }

    /// <inheritdoc/>
    public int PartitionCount { get; }

    /// <inheritdoc/>
    public int EpochOf(int partition) =>
        _partitions is { } partitions && partition < partitions.Count ? partitions[partition].LeaderEpoch : 0;

    /// <inheritdoc/>
    public async ValueTask PrepareAsync() => _partitions ??= await _create().ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<ErrorCode> AppendAsync(int partition, StateBatch batch, CancellationToken cancellationToken)
    {
        if (_partitions is not { } partitions || partition >= partitions.Count)
            return ErrorCode.UnknownTopicOrPartition;
        var log = partitions[partition];
        if (batch.Marker is { } marker)
        {
            var ended = await log.AppendMarkerAsync(
                marker.Record, marker.ProducerId, marker.ProducerEpoch, marker.RaisesEpoch, cancellationToken).ConfigureAwait(false);
            return ended.Error;
        }

        using var writer = new RecordBatchWriter(1024);
        foreach (var record in batch.Records)
            writer.TryAppend(record.TimestampMs, record.Key, false, record.Value, record.Value is null, [], int.MaxValue);
        var result = await log.AppendAsync(
            writer.Finish(batch.Producer), AppendOrigin.Coordinator, cancellationToken).ConfigureAwait(false);
        return result.Error;
    }

    /// <inheritdoc/>
    /// <exception cref="StorageException">A partition cannot be read.</exception>
    public ValueTask ReadAllAsync(StateVisitor visit, CancellationToken cancellationToken)
    {
        foreach (var partition in _partitions ?? [])
            ReadAll(partition, visit, cancellationToken);
        return ValueTask.CompletedTask;
    }

    private static void ReadAll(PartitionLog log, StateVisitor visit, CancellationToken cancellationToken)
    {
        var offset = log.LogStartOffset;
        while (offset < log.HighWatermark)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var read = log.Read(offset, ReadBytes, atLeastOneBatch: true);
            if (read.Error != ErrorCode.None)
            {
                throw new StorageException(
                    $"{log.Topic}-{log.Partition} cannot be read at offset {offset}: {read.Error}. The broker's own state is kept there.");
            }

            if (read.Records.IsEmpty)
                return;
            offset = Visit(log.Partition, read.Records, visit);
        }
    }

    private static long Visit(int partition, ReadOnlyMemory<byte> batches, StateVisitor visit)
    {
        var next = 0L;
        var walk = new RecordBatchEnumerator(batches.Span);
        while (walk.MoveNext())
        {
            var batch = walk.Current;
            next = batch.LastOffset + 1;
            if (batch.IsControl)
            {
                if (batch.RecordCount > 0)
                    visit(new StateEntry(partition, batch.ProducerId, default, null, ControlRecord.Read(batch).Type));
                continue;
            }

            if (batch.Codec == 0)
            {
                Visit(partition, batch, batches[(walk.Position + RecordBatchHeader.Size)..walk.Consumed], visit);
                continue;
            }

            using var payload = new PooledBuffer();
            Codec.Decompress((CompressionType)batch.Codec, batch.RecordsPayload, payload, MaxDecompressedBytes);
            Visit(partition, batch, payload.WrittenMemory, visit);
        }

        return next;
    }

    private static void Visit(int partition, RecordBatchView batch, ReadOnlyMemory<byte> payload, StateVisitor visit)
    {
        var producerId = batch.IsTransactional ? batch.ProducerId : -1;
        foreach (var record in batch.GetRecords(payload.Span))
        {
            // Without a key it is nobody's record; the topic is compacted, so there is none.
            if (record.IsKeyNull)
                continue;
            // A bare null would become empty memory, not "no value".
            visit(new StateEntry(
                partition,
                producerId,
                payload.Slice(record.KeyStart, record.KeyLength),
                record.IsValueNull ? (ReadOnlyMemory<byte>?)null : payload.Slice(record.ValueStart, record.ValueLength)));
        }
    }
}
