using System.Buffers;
using Caudal.Compression;
using Caudal.Protocol.Records;

namespace Caudal.Storage.Compaction;

/// <summary>
/// Decides what of a batch stays, and writes that: the batch as it is, one with fewer records at their old offsets, an empty one, or
/// nothing (KIP-58, KIP-534; Kafka's LogCleaner). Not thread safe.
/// </summary>
internal sealed class BatchCleaner(
    KeyOffsets keys, CleanedTransactions transactions, IReadOnlyDictionary<long, LastOfProducer> producers, CleaningTerms terms)
    : IDisposable
{
    private const RecordBatchAttributes KeptWhenEmpty =
        RecordBatchAttributes.LogAppendTime | RecordBatchAttributes.Transactional | RecordBatchAttributes.Control;

    private readonly PooledBuffer _kept = new();
    private readonly PooledBuffer _compressed = new();
    private readonly List<bool> _stays = [];

    // Of the batch in hand.
    private int _count;
    private bool _hasTombstones;
    private long _maxTimestamp;

    /// <summary>Appends what stays of a batch.</summary>
    /// <param name="batch">The next batch, in the order of the log.</param>
    /// <param name="output">Where it goes.</param>
    internal void Clean(RecordBatchView batch, PooledBuffer output)
    {
        var canDiscard = transactions.CanDiscard(batch);
        // A marker stays until readers that began in its transaction have surely passed it.
        var isDropped = canDiscard && (!batch.IsControl || (batch.HasDeleteHorizon && batch.BaseTimestamp <= terms.NowMs));
        if (!isDropped)
        {
            using var opened = BatchPayload.Open(batch);
            var payload = opened.Of(batch);
            Choose(batch, payload);
            // From now on the time counts, after which tombstones and markers without records may go.
            var setsHorizon = !batch.HasDeleteHorizon && (_hasTombstones || (canDiscard && batch.IsControl));
            if (_count > 0 && _count == batch.RecordCount && !setsHorizon)
                output.Write(batch.Bytes);
            else if (_count > 0)
                Rewrite(batch, payload, setsHorizon, output);
            if (_count > 0)
                return;
        }

        if (StaysEmpty(batch))
            WriteEmpty(batch, output);
    }

    public void Dispose()
    {
        _kept.Dispose();
        _compressed.Dispose();
    }

    /// <summary>Whether the header has to stay: it tells a producer's last sequence number or epoch, or where the round ended.</summary>
    private bool StaysEmpty(RecordBatchView batch)
    {
        if (batch.LastOffset + 1 == terms.UpperBound)
            return true;
        if (batch.ProducerId < 0 || !producers.TryGetValue(batch.ProducerId, out var last))
            return false;
        if (last.IsUncertain)
            return true;
        return last.Offset >= 0 ? batch.LastOffset == last.Offset : batch.IsControl && batch.ProducerEpoch == last.Epoch;
    }

    private void Choose(RecordBatchView batch, ReadOnlySpan<byte> payload)
    {
        _stays.Clear();
        _count = 0;
        _hasTombstones = false;
        _maxTimestamp = -1;
        foreach (var record in batch.GetRecords(payload))
        {
            var stays = batch.IsControl || Stays(batch, record);
            _stays.Add(stays);
            if (!stays)
                continue;
            _count++;
            _hasTombstones |= record.IsValueNull;
            _maxTimestamp = Math.Max(_maxTimestamp, record.Timestamp);
        }
    }

    private bool Stays(RecordBatchView batch, RecordView record)
    {
        // Records behind the looked-at part are the next round's.
        if (record.Offset > keys.LatestOffset)
            return true;
        // Records without a key come from before the topic was compacted.
        if (record.IsKeyNull || record.Offset < keys.Find(record.Key))
            return false;
        return !record.IsValueNull || !batch.HasDeleteHorizon || terms.NowMs < batch.BaseTimestamp;
    }

    private void Rewrite(RecordBatchView batch, ReadOnlySpan<byte> payload, bool setsHorizon, PooledBuffer output)
    {
        var horizon = terms.NowMs + terms.DeleteRetentionMs;
        _kept.Clear();
        var index = 0;
        foreach (var record in batch.GetRecords(payload))
        {
            if (!_stays[index++])
                continue;
            if (setsHorizon)
                RecordRebase.Write(payload[record.Range], unchecked(record.Timestamp - horizon), _kept);
            else
                _kept.Write(payload[record.Range]);
        }

        var records = _kept.WrittenSpan;
        if (batch.Codec != 0)
        {
            _compressed.Clear();
            Codec.Compress((CompressionType)batch.Codec, records, _compressed);
            records = _compressed.WrittenSpan;
        }

        var size = RecordBatchHeader.Size + records.Length;
        var bytes = output.GetSpan(size)[..size];
        records.CopyTo(bytes[RecordBatchHeader.Size..]);
        // The last offset and the sequence numbers stay those of the whole batch: what follows goes on from them.
        RecordBatchHeader.Write(bytes, FieldsOf(batch) with
        {
            Attributes = batch.Attributes | (setsHorizon ? RecordBatchAttributes.DeleteHorizon : 0),
            BaseTimestamp = setsHorizon ? horizon : batch.BaseTimestamp,
            MaxTimestamp = batch.TimestampType == TimestampType.LogAppendTime ? batch.MaxTimestamp : _maxTimestamp,
            RecordCount = _count,
        });
        output.Advance(size);
    }

    private static void WriteEmpty(RecordBatchView batch, PooledBuffer output)
    {
        RecordBatchHeader.Write(output.GetSpan(RecordBatchHeader.Size)[..RecordBatchHeader.Size], FieldsOf(batch) with
        {
            Attributes = batch.Attributes & KeptWhenEmpty,
            BaseTimestamp = -1,
            RecordCount = 0,
        });
        output.Advance(RecordBatchHeader.Size);
    }

    private static RecordBatchFields FieldsOf(RecordBatchView batch) => new()
    {
        BaseOffset = batch.BaseOffset,
        PartitionLeaderEpoch = batch.PartitionLeaderEpoch,
        LastOffsetDelta = batch.LastOffsetDelta,
        MaxTimestamp = batch.MaxTimestamp,
        ProducerId = batch.ProducerId,
        ProducerEpoch = batch.ProducerEpoch,
        BaseSequence = batch.BaseSequence,
    };
}
