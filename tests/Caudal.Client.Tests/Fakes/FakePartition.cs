using System.Text;
using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Client.Tests.Fakes;

/// <summary>A partition of a fake cluster: a log in memory that checks sequence numbers as Kafka does.</summary>
internal sealed class FakePartition
{
    private readonly List<(long Producer, string Value)> _open = [];
    private readonly Dictionary<long, (short Epoch, int Next, List<(int Base, long Offset)> Last)> _producers = [];

    public int Leader { get; set; }

    public int LeaderEpoch { get; set; } = 1;

    public List<string> Values { get; } = [];

    public List<string?> Keys { get; } = [];

    public List<long> Timestamps { get; } = [];

    public List<string[]> Headers { get; } = [];

    /// <summary>The batches by number of records, in their order.</summary>
    public List<int> Batches { get; } = [];

    public List<short> Epochs { get; } = [];

    public int Codec { get; private set; }

    public int MaxBatchBytes { get; set; } = int.MaxValue;

    /// <summary>The values of committed transactions, in the order of their commits.</summary>
    public List<string> Committed { get; } = [];

    /// <summary>The values of aborted transactions.</summary>
    public List<string> Aborted { get; } = [];

    /// <summary>Ends a producer's transaction.</summary>
    public void Mark(long producerId, short epoch, bool commit)
    {
        (commit ? Committed : Aborted).AddRange(_open.Where(entry => entry.Producer == producerId).Select(entry => entry.Value));
        _open.RemoveAll(entry => entry.Producer == producerId);
        if (!_producers.TryGetValue(producerId, out var known) || known.Epoch < epoch)
            _producers[producerId] = (epoch, 0, []);
    }

    /// <summary>Forgets the producers, as a broker does that lost their state.</summary>
    public void ForgetProducers() => _producers.Clear();

    public (ErrorCode Error, long Offset) Append(ReadOnlyMemory<byte> records)
    {
        var batch = RecordBatchView.Read(records.Span);
        if (!batch.HasValidCrc || batch.SizeInBytes != records.Length)
            return (ErrorCode.CorruptMessage, -1);
        if (batch.SizeInBytes > MaxBatchBytes)
            return (ErrorCode.MessageTooLarge, -1);
        var check = Check(batch, out var duplicate);
        if (check != ErrorCode.None || duplicate >= 0)
            return (check, duplicate);
        var offset = (long)Values.Count;
        var payload = new PooledBuffer();
        Compression.Codec.Decompress((CompressionType)batch.Codec, batch.RecordsPayload, payload, 100_000_000);
        foreach (var record in batch.GetRecords(payload.WrittenSpan))
        {
            if (batch.IsTransactional)
                _open.Add((batch.ProducerId, Encoding.UTF8.GetString(record.Value)));
            Values.Add(record.IsValueNull ? "<null>" : Encoding.UTF8.GetString(record.Value));
            Keys.Add(record.IsKeyNull ? null : Encoding.UTF8.GetString(record.Key));
            Timestamps.Add(record.Timestamp);
            Headers.Add(
                [.. record.Headers.ToArray().Select(
                    header => $"{header.Key}={(header.Value is { } value ? Encoding.UTF8.GetString(value.Span) : "<null>")}")]);
        }

        Codec = batch.Codec;
        Batches.Add(batch.RecordCount);
        Epochs.Add(batch.ProducerEpoch);
        if (batch.ProducerId >= 0)
        {
            var last = _producers.TryGetValue(batch.ProducerId, out var known) && known.Epoch == batch.ProducerEpoch ? known.Last : [];
            last.Add((batch.BaseSequence, offset));
            if (last.Count > 5)
                last.RemoveAt(0);
            _producers[batch.ProducerId] = (batch.ProducerEpoch, (batch.BaseSequence + batch.RecordCount) & int.MaxValue, last);
        }

        return (ErrorCode.None, offset);
    }

    private ErrorCode Check(RecordBatchView batch, out long duplicate)
    {
        duplicate = -1;
        if (batch.ProducerId < 0)
            return ErrorCode.None;
        if (!_producers.TryGetValue(batch.ProducerId, out var known))
            return batch.BaseSequence == 0 ? ErrorCode.None : ErrorCode.UnknownProducerId;
        if (batch.ProducerEpoch < known.Epoch)
            return ErrorCode.InvalidProducerEpoch;
        if (batch.ProducerEpoch > known.Epoch)
            return batch.BaseSequence == 0 ? ErrorCode.None : ErrorCode.OutOfOrderSequenceNumber;
        var first = batch.BaseSequence;
        if (known.Last.FindIndex(entry => entry.Base == first) is var index and >= 0)
        {
            duplicate = known.Last[index].Offset;
            return ErrorCode.None;
        }

        return batch.BaseSequence == known.Next ? ErrorCode.None : ErrorCode.OutOfOrderSequenceNumber;
    }
}
