using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Records;

public sealed class RecordBatchPatchTests
{
    [Fact]
    public void What_the_broker_assigns_leaves_the_checksum_alone()
    {
        var bytes = ModelRecord.ToBatch(RecordBatchProducer.None, ModelRecord.Random(new Random(1), 10));
        var crc = RecordBatchView.Read(bytes).Crc;
        RecordBatchPatch.SetBaseOffset(bytes, 123_456_789_012);
        RecordBatchPatch.SetLeaderEpoch(bytes, 42);
        var batch = RecordBatchView.Read(bytes);
        Assert.Equal((123_456_789_012, 42, crc), (batch.BaseOffset, batch.PartitionLeaderEpoch, batch.Crc));
        Assert.True(batch.HasValidCrc);
        var records = batch.GetRecords();
        Assert.True(records.MoveNext());
        Assert.Equal(123_456_789_012, records.Current.Offset);
    }

    [Fact]
    public void Patched_batches_keep_a_valid_checksum_whatever_their_size()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var models = ModelRecord.Random(random, random.Next(0, 200));
            var bytes = ModelRecord.ToBatch(RecordBatchProducer.None, models);
            var (id, epoch, sequence) = (random.NextInt64(), (short)random.Next(short.MaxValue), random.Next());
            RecordBatchPatch.SetProducer(bytes, id, epoch, sequence);
            Assert.Equal(ModelRecord.ToBatch(new RecordBatchProducer(id, epoch, sequence), models), bytes);

            var time = random.NextInt64();
            RecordBatchPatch.SetLogAppendTime(bytes, time);
            var batch = RecordBatchView.Read(bytes);
            Assert.True(batch.HasValidCrc);
            Assert.Equal((TimestampType.LogAppendTime, time), (batch.TimestampType, batch.MaxTimestamp));
            foreach (var record in batch.GetRecords())
                Assert.Equal(time, record.Timestamp);
        }
    }

    [Fact]
    public void A_corrupt_batch_stays_recognisable_when_it_is_patched()
    {
        var bytes = ModelRecord.ToBatch(RecordBatchProducer.None, ModelRecord.Random(new Random(2), 10));
        bytes[^1] ^= 1;
        RecordBatchPatch.SetProducer(bytes, 1, 2, 3);
        RecordBatchPatch.SetLogAppendTime(bytes, 4);
        Assert.False(RecordBatchView.Read(bytes).HasValidCrc);
        RecordBatchPatch.RecomputeCrc(bytes);
        Assert.True(RecordBatchView.Read(bytes).HasValidCrc);
    }
}
