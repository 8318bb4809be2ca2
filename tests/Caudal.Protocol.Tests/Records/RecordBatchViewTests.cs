using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Records;

public sealed class RecordBatchViewTests
{
    private static readonly ModelRecord Small = new(1000, [1], [2, 3], []);

    [Fact]
    public void Every_field_of_the_header_reads_back()
    {
        var bytes = new byte[RecordBatchHeader.Size + 5];
        RecordBatchHeader.Write(bytes, new RecordBatchFields
        {
            BaseOffset = 1L << 40,
            PartitionLeaderEpoch = 7,
            Attributes = (RecordBatchAttributes)4 | RecordBatchAttributes.LogAppendTime | RecordBatchAttributes.Transactional
                | RecordBatchAttributes.Control | RecordBatchAttributes.DeleteHorizon,
            LastOffsetDelta = 9,
            BaseTimestamp = 11,
            MaxTimestamp = 12,
            ProducerId = 1L << 50,
            ProducerEpoch = 13,
            BaseSequence = 14,
            RecordCount = 15,
        });
        var batch = RecordBatchView.Read(bytes);
        Assert.Equal((1L << 40, (1L << 40) + 9), (batch.BaseOffset, batch.LastOffset));
        Assert.Equal((9, 7), (batch.LastOffsetDelta, batch.PartitionLeaderEpoch));
        Assert.Equal((54, 66, (byte)2), (batch.BatchLength, batch.SizeInBytes, batch.Magic));
        Assert.Equal((4, TimestampType.LogAppendTime), (batch.Codec, batch.TimestampType));
        Assert.True(batch.IsTransactional && batch.IsControl && batch.HasDeleteHorizon && batch.HasValidCrc);
        Assert.Equal((11, 12), (batch.BaseTimestamp, batch.MaxTimestamp));
        Assert.Equal((1L << 50, (short)13, 14, 23), (batch.ProducerId, batch.ProducerEpoch, batch.BaseSequence, batch.LastSequence));
        Assert.Equal((15, 5), (batch.RecordCount, batch.RecordsPayload.Length));
        Assert.Equal(batch.ComputeCrc(), batch.Crc);
    }

    [Fact]
    public void Defaults_say_that_there_is_no_producer_and_no_epoch()
    {
        var bytes = new byte[RecordBatchHeader.Size];
        RecordBatchHeader.Write(bytes, new RecordBatchFields());
        var batch = RecordBatchView.Read(bytes);
        Assert.Equal((-1L, (short)-1, -1, -1), (batch.ProducerId, batch.ProducerEpoch, batch.BaseSequence, batch.LastSequence));
        Assert.Equal((-1, 0, TimestampType.CreateTime), (batch.PartitionLeaderEpoch, batch.Codec, batch.TimestampType));
        Assert.False(batch.IsTransactional || batch.IsControl || batch.HasDeleteHorizon);
    }

    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(int.MaxValue - 1, 0)]
    [InlineData(int.MaxValue - 2, int.MaxValue)]
    [InlineData(0, 2)]
    public void Sequences_go_on_with_0_after_the_largest(int first, int expected)
    {
        var batch = RecordBatchView.Read(ModelRecord.ToBatch(new RecordBatchProducer(1, 0, first), Small, Small, Small));
        Assert.Equal(expected, batch.LastSequence);
    }

    [Fact]
    public void A_batch_that_is_cut_anywhere_is_incomplete()
    {
        var bytes = ModelRecord.ToBatch(RecordBatchProducer.None, Small);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(RecordBatchView.TryRead(bytes.AsSpan(0, length), out _));
            var error = Assert.Throws<ProtocolException>(() => RecordBatchView.Read(bytes.AsSpan(0, length)));
            Assert.Contains($"ends at byte {length}", error.Message, StringComparison.Ordinal);
        }

        Assert.True(RecordBatchView.TryRead([.. bytes, 1, 2, 3], out var batch));
        Assert.Equal(bytes.Length, batch.SizeInBytes);
    }

    [Theory]
    [InlineData(RecordBatchHeader.MagicOffset, new byte[] { 1 }, "byte 16", "magic")]
    [InlineData(RecordBatchHeader.LengthOffset, new byte[] { 0, 0, 0, 48 }, "byte 8", "length 48")]
    [InlineData(RecordBatchHeader.LengthOffset, new byte[] { 255, 255, 255, 255 }, "byte 8", "length -1")]
    [InlineData(RecordBatchHeader.RecordCountOffset, new byte[] { 255, 255, 255, 255 }, "byte 57", "record count -1")]
    [InlineData(RecordBatchHeader.LastOffsetDeltaOffset, new byte[] { 255, 255, 255, 254 }, "byte 23", "last offset delta -2")]
    public void A_header_that_lies_is_refused_with_its_position(int offset, byte[] patch, string position, string field)
    {
        var bytes = ModelRecord.ToBatch(RecordBatchProducer.None, Small);
        patch.CopyTo(bytes, offset);
        var error = Assert.Throws<ProtocolException>(() => RecordBatchView.TryRead(bytes, out _));
        Assert.Contains(position, error.Message, StringComparison.Ordinal);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_bit_shows_in_the_checksum()
    {
        var bytes = ModelRecord.ToBatch(RecordBatchProducer.None, Small);
        for (var bit = RecordBatchHeader.AttributesOffset * 8; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            if (bit / 8 is not (RecordBatchHeader.LastOffsetDeltaOffset or RecordBatchHeader.RecordCountOffset))
                Assert.False(RecordBatchView.Read(bytes).HasValidCrc);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(RecordBatchView.Read(bytes).HasValidCrc);
    }

    [Fact]
    public void A_compressed_batch_is_not_walked_as_if_it_were_not()
    {
        var bytes = ModelRecord.ToBatch(RecordBatchProducer.None, Small);
        bytes[RecordBatchHeader.AttributesOffset + 1] |= 2;
        var error = Assert.Throws<InvalidOperationException>(() => RecordBatchView.Read(bytes).GetRecords());
        Assert.Contains("codec 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batches_in_a_buffer_are_walked_up_to_the_partial_one()
    {
        var random = new Random(5);
        var batches = Enumerable.Range(0, 20)
            .Select(_ => ModelRecord.ToBatch(RecordBatchProducer.None, ModelRecord.Random(random, 5)))
            .ToArray();
        var bytes = batches.SelectMany(batch => batch).ToArray();
        var whole = bytes.Length - batches[^1].Length;
        foreach (var cut in new[] { 0, 1, 13, 40, batches[^1].Length - 1, batches[^1].Length })
        {
            var (count, position) = (0, 0);
            var enumerator = new RecordBatchEnumerator(bytes.AsSpan(0, whole + cut));
            while (enumerator.MoveNext())
            {
                Assert.Equal(position, enumerator.Position);
                Assert.Equal(batches[count++], enumerator.Current.Bytes.ToArray());
                position += enumerator.Current.SizeInBytes;
                Assert.Equal(position, enumerator.Consumed);
            }

            Assert.Equal(cut == batches[^1].Length ? 20 : 19, count);
            Assert.Equal(cut == batches[^1].Length ? bytes.Length : whole, enumerator.Consumed);
            Assert.False(enumerator.MoveNext());
        }
    }

    [Fact]
    public void A_bad_batch_in_a_buffer_is_named_by_its_position_there()
    {
        var batch = ModelRecord.ToBatch(RecordBatchProducer.None, Small);
        var bytes = batch.Concat(batch).ToArray();
        bytes[batch.Length + RecordBatchHeader.MagicOffset] = 0;
        var error = Assert.Throws<ProtocolException>(() =>
        {
            foreach (var _ in new RecordBatchEnumerator(bytes))
            {
            }
        });
        Assert.Contains($"byte {batch.Length + 16}", error.Message, StringComparison.Ordinal);
    }
}
