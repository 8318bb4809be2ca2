using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Records;

public sealed class ControlRecordTests
{
    [Theory]
    [InlineData(ControlRecordType.Abort, 0)]
    [InlineData(ControlRecordType.Commit, 17)]
    [InlineData(ControlRecordType.Commit, int.MaxValue)]
    public void A_marker_reads_back(ControlRecordType type, int coordinatorEpoch)
    {
        var bytes = new byte[ControlRecord.BatchSize + 10];
        var marker = new ControlRecord(type, 0, coordinatorEpoch);
        Assert.Equal(ControlRecord.BatchSize, marker.WriteBatch(bytes, 1234, 5, 6789, 4711, 3));
        var batch = RecordBatchView.Read(bytes);
        Assert.Equal(ControlRecord.BatchSize, batch.SizeInBytes);
        Assert.True(batch is { IsControl: true, IsTransactional: true, HasValidCrc: true, RecordCount: 1, BaseSequence: -1 });
        Assert.Equal((1234, 5, 6789, 6789), (batch.BaseOffset, batch.PartitionLeaderEpoch, batch.BaseTimestamp, batch.MaxTimestamp));
        Assert.Equal((4711, (short)3), (batch.ProducerId, batch.ProducerEpoch));
        Assert.Equal(marker, ControlRecord.Read(batch));
        Assert.Throws<ArgumentException>(() => marker.WriteBatch(new byte[10], 0, 0, 0, 0, 0));
    }

    [Fact]
    public void Other_types_are_read_so_that_they_can_be_ignored()
    {
        var batch = ControlBatch([0, 0, 0, 2], [1]);
        Assert.Equal(new ControlRecord((ControlRecordType)2, 0, -1), ControlRecord.Read(RecordBatchView.Read(batch)));
    }

    [Fact]
    public void Later_versions_may_append_fields()
    {
        var batch = ControlBatch([0, 1, 0, 1, 9, 9], [0, 1, 0, 0, 0, 7, 9, 9]);
        Assert.Equal(new ControlRecord(ControlRecordType.Commit, 1, 7), ControlRecord.Read(RecordBatchView.Read(batch)));
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0 }, new byte[] { 0, 0, 0, 0, 0, 0 }, "key has 3 bytes")]
    [InlineData(new byte[] { 0, 0, 0, 1 }, new byte[] { 0, 0, 0, 0, 0 }, "value has 5 bytes")]
    [InlineData(new byte[] { 255, 255, 0, 1 }, new byte[] { 0, 0, 0, 0, 0, 0 }, "version -1")]
    public void A_marker_that_is_too_short_is_refused(byte[] key, byte[] value, string what)
    {
        var batch = ControlBatch(key, value);
        var error = Assert.Throws<ProtocolException>(() => ControlRecord.Read(RecordBatchView.Read(batch)));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batches_of_data_and_empty_ones_hold_no_marker()
    {
        var data = ModelRecord.ToBatch(RecordBatchProducer.None, new ModelRecord(0, [0, 0, 0, 1], [0, 0, 0, 0, 0, 0], []));
        Assert.Throws<ProtocolException>(() => ControlRecord.Read(RecordBatchView.Read(data)));
        var empty = new byte[RecordBatchHeader.Size];
        RecordBatchHeader.Write(empty, new RecordBatchFields { Attributes = RecordBatchAttributes.Control });
        Assert.Throws<ProtocolException>(() => ControlRecord.Read(RecordBatchView.Read(empty)));
    }

    private static byte[] ControlBatch(byte[] key, byte[] value)
    {
        var bytes = ModelRecord.ToBatch(RecordBatchProducer.None, new ModelRecord(0, key, value, []));
        bytes[RecordBatchHeader.AttributesOffset + 1] |= (byte)RecordBatchAttributes.Control;
        return bytes;
    }
}
