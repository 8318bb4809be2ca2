using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Records;

public sealed class RecordEnumeratorTests
{
    // One record: length 11, attributes, deltas 0, key "k", value "v", one header "h" = null.
    private static readonly byte[] Payload = [22, 0, 0, 0, 2, (byte)'k', 2, (byte)'v', 2, 2, (byte)'h', 1];

    [Fact]
    public void The_handmade_record_is_valid()
    {
        var records = new RecordEnumerator(Payload, 100, 1000, 1);
        Assert.True(records.MoveNext());
        new ModelRecord(1000, "k"u8.ToArray(), "v"u8.ToArray(), [new RecordHeader("h", null)]).AssertEqual(records.Current, Payload);
        Assert.Equal(100, records.Current.Offset);
        Assert.Equal(0..Payload.Length, records.Current.Range);
        Assert.False(records.MoveNext());
    }

    [Theory]
    [InlineData(0, 24, "length", "12 bytes are needed, 11 remain")]
    [InlineData(0, 1, "length", "-1")]
    [InlineData(0, 0, "attributes", "1 bytes are needed, 0 remain")]
    [InlineData(4, 30, "key", "15 bytes are needed")]
    [InlineData(4, 3, "key", "-2")]
    [InlineData(6, 200, "value", "bytes are needed")]
    [InlineData(6, 60, "value", "30 bytes are needed")]
    [InlineData(8, 60, "header count", "30 headers do not fit")]
    [InlineData(8, 1, "header count", "-1 headers")]
    [InlineData(8, 0, "header count", "0 headers do not fit 3 bytes")]
    [InlineData(9, 1, "header key", "null")]
    [InlineData(9, 100, "header key", "50 bytes are needed")]
    [InlineData(11, 2, "header value", "1 bytes are needed")]
    public void A_length_that_lies_is_refused_with_field_and_position(int position, byte value, string field, string what)
    {
        var payload = (byte[])Payload.Clone();
        payload[position] = value;
        var error = Assert.Throws<ProtocolException>(() => Walk(payload, 1));
        Assert.Contains("Record 0", error.Message, StringComparison.Ordinal);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "2 records")]
    [InlineData(int.MaxValue, "2147483647 records")]
    [InlineData(-1, "-1 records")]
    public void A_count_that_the_payload_cannot_hold_is_refused(int count, string what)
    {
        var error = Assert.Throws<ProtocolException>(() => Walk(Payload, count));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_behind_the_last_record_are_refused()
    {
        var error = Assert.Throws<ProtocolException>(() => Walk([12, 0, 0, 0, 1, 1, 0, 9], 1));
        Assert.Contains("byte 7", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0x1f }, "longer than 32 bits")]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff }, "longer than 32 bits")]
    [InlineData(new byte[] { 0x80, 0x80 }, "ends inside a varint")]
    public void A_varint_that_never_ends_is_refused(byte[] varint, string what)
    {
        var payload = varint.Length > 2 ? [.. varint, 1, 1, 1] : new byte[] { 14, 0, 0, 0, 1, 1, 0x80, 0x80 };
        var error = Assert.Throws<ProtocolException>(() => Walk(payload, 1));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Extreme_deltas_wrap_instead_of_failing()
    {
        var record = new ModelRecord(long.MinValue, null, null, []);
        var first = new ModelRecord(long.MaxValue, null, null, []);
        var batch = RecordBatchView.Read(ModelRecord.ToBatch(RecordBatchProducer.None, first, record));
        var records = batch.GetRecords();
        Assert.True(records.MoveNext() && records.MoveNext());
        record.AssertEqual(records.Current, batch.RecordsPayload);
    }

    [Fact]
    public void Headers_kept_apart_from_their_record_can_be_walked_later()
    {
        var models = ModelRecord.Random(new Random(9), 300);
        var batch = RecordBatchView.Read(ModelRecord.ToBatch(RecordBatchProducer.None, models));
        var index = 0;
        foreach (var record in batch.GetRecords())
        {
            var kept = batch.RecordsPayload[record.HeadersRange].ToArray();
            var headers = new RecordHeaders(kept, record.HeaderCount).ToArray();
            Assert.Equal(models[index].Headers.Select(header => header.Key), headers.Select(header => header.Key));
            Assert.Equal(models[index].Headers.Select(Hex), headers.Select(Hex));
            index++;
        }

        Assert.Equal(300, index);
        Assert.Throws<ProtocolException>(() => new RecordHeaders([1, 2, 3], int.MaxValue));
    }

    [Fact]
    public void Record_bytes_can_be_copied_as_they_are()
    {
        var models = ModelRecord.Random(new Random(10), 50);
        var batch = RecordBatchView.Read(ModelRecord.ToBatch(RecordBatchProducer.None, models));
        var kept = new List<byte>();
        foreach (var record in batch.GetRecords())
        {
            Assert.Equal(record.SizeInBytes, batch.RecordsPayload[record.Range].Length);
            if (record.OffsetDelta % 2 == 1)
                kept.AddRange(batch.RecordsPayload[record.Range]);
        }

        var index = 1;
        foreach (var record in new RecordEnumerator(kept.ToArray(), 500, batch.BaseTimestamp, 25))
        {
            models[index].AssertEqual(record, kept.ToArray());
            Assert.Equal(500 + index, record.Offset);
            index += 2;
        }

        Assert.Equal(51, index);
    }

    private static string Hex(RecordHeader header) => header.Value is { } value ? Convert.ToHexString(value.Span) : "null";

    private static int Walk(byte[] payload, int count)
    {
        var bytes = 0;
        foreach (var record in new RecordEnumerator(payload, 0, 0, count))
        {
            foreach (var header in record.Headers)
                bytes += header.Key.Length + header.Value.Length;
        }

        return bytes;
    }
}
