namespace Caudal.Protocol.Tests.Wire;

public sealed class KafkaWriterTests
{
    [Theory]
    [InlineData(0u, 1)]
    [InlineData(127u, 1)]
    [InlineData(128u, 2)]
    [InlineData(16_383u, 2)]
    [InlineData(16_384u, 3)]
    [InlineData(268_435_455u, 4)]
    [InlineData(268_435_456u, 5)]
    [InlineData(uint.MaxValue, 5)]
    public void Unsigned_varints_take_the_fewest_bytes(uint value, int size)
    {
        var bytes = Write((ref KafkaWriter w) => w.WriteUnsignedVarint(value));
        Assert.Equal(size, bytes.Length);
        Assert.Equal(value, new KafkaReader(bytes).ReadUnsignedVarint("n"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(63)]
    [InlineData(-65)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void Zigzag_varints_come_back(int value) =>
        Assert.Equal(value, new KafkaReader(Write((ref KafkaWriter w) => w.WriteVarint(value))).ReadVarint("n"));

    [Fact]
    public void Lengths_are_compact_in_flexible_versions_only()
    {
        Assert.Equal([0, 2, 0xc3, 0xa9], Write((ref KafkaWriter w) => w.WriteString("é", false)));
        Assert.Equal([3, 0xc3, 0xa9], Write((ref KafkaWriter w) => w.WriteString("é", true)));
        Assert.Equal([0xff, 0xff], Write((ref KafkaWriter w) => w.WriteString(null, false)));
        Assert.Equal([0], Write((ref KafkaWriter w) => w.WriteString(null, true)));
        Assert.Equal([0, 0, 0, 1, 7], Write((ref KafkaWriter w) => w.WriteBytes([7], false)));
        Assert.Equal([2, 7], Write((ref KafkaWriter w) => w.WriteBytes([7], true)));
        Assert.Equal([0xff, 0xff, 0xff, 0xff], Write((ref KafkaWriter w) => w.WriteNullableRecords(null, false)));
        Assert.Equal([0], Write((ref KafkaWriter w) => w.WriteBytes(null, true)));
        Assert.Equal([0xff, 0xff, 0xff, 0xff], Write((ref KafkaWriter w) => w.WriteArrayLength(-1, false)));
        Assert.Equal([0], Write((ref KafkaWriter w) => w.WriteArrayLength(-1, true)));
    }

    [Fact]
    public void A_string_that_16_bits_cannot_count_is_refused()
    {
        var longest = new string('x', short.MaxValue);
        Assert.Equal(short.MaxValue + 2, Write((ref KafkaWriter w) => w.WriteString(longest, false)).Length);
        var error = Assert.Throws<ArgumentException>(() => Write((ref KafkaWriter w) => w.WriteString(longest + "x", false)));
        Assert.Contains("32768 bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal(short.MaxValue + 4, Write((ref KafkaWriter w) => w.WriteString(longest + "x", true)).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(100_000)]
    [InlineData(2_097_152)]
    public void A_tagged_field_gets_its_size_however_large_it_grows(int size)
    {
        var value = new byte[size];
        new Random(size).NextBytes(value);
        var bytes = Write((ref KafkaWriter w) =>
        {
            w.WriteInt8(1);
            var mark = w.BeginTag(300);
            w.WriteRaw(value);
            w.EndTag(mark);
            w.WriteInt8(2);
        });
        var reader = new KafkaReader(bytes);
        Assert.Equal(1, reader.ReadInt8("before"));
        Assert.Equal(300, reader.ReadTag(out var end));
        Assert.Equal(size, end - reader.Position);
        Assert.True(reader.Take(size, "value").SequenceEqual(value));
        Assert.Equal(2, reader.ReadInt8("after"));
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Tagged_fields_may_lie_in_one_another()
    {
        var bytes = Write((ref KafkaWriter w) =>
        {
            var outer = w.BeginTag(1);
            w.WriteRaw(new byte[100]);
            var inner = w.BeginTag(2);
            w.WriteRaw(new byte[200]);
            w.EndTag(inner);
            w.EndTag(outer);
        });
        var reader = new KafkaReader(bytes);
        reader.ReadTag(out var outerEnd);
        Assert.Equal(bytes.Length, outerEnd);
        reader.Take(100, "outer");
        reader.ReadTag(out var innerEnd);
        Assert.Equal(200, innerEnd - reader.Position);
        reader.SkipTo(innerEnd);
        reader.EndTag(outerEnd, "outer");
    }

    [Fact]
    public void Numbers_are_big_endian() =>
        Assert.Equal(
            [1, 0xfe, 1, 2, 0xff, 0xfe, 1, 2, 3, 4, 0xff, 0xff, 0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
            Write((ref KafkaWriter w) =>
            {
                w.WriteBoolean(true);
                w.WriteInt8(-2);
                w.WriteInt16(0x0102);
                w.WriteUInt16(0xfffe);
                w.WriteInt32(0x01020304);
                w.WriteUInt32(0xfffffffe);
                w.WriteInt64(0x0102030405060708);
                w.WriteFloat64(1.0);
            }));

    private delegate void Writes(ref KafkaWriter writer);

    private static byte[] Write(Writes write)
    {
        // The smallest frame, so that it has to grow on the way.
        using var frame = new FrameBuffer(16);
        var writer = new KafkaWriter(frame);
        write(ref writer);
        writer.Flush();
        return frame.ToArray();
    }
}
