namespace Caudal.Protocol.Tests.Wire;

public sealed class KafkaReaderTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("orders-by-customer-and-region-2026")]
    [InlineData("ä")]
    [InlineData("Bestellungen für Köln, 東京 und 🚀 bis zum Ende")]
    [InlineData("\0\u007f\u0080")]
    public void Strings_are_read_whether_they_are_ascii_or_not(string expected)
    {
        var utf8 = System.Text.Encoding.UTF8.GetBytes(expected);
        var reader = new KafkaReader(new byte[] { 0, (byte)utf8.Length }.Concat(utf8).ToArray());
        Assert.Equal(expected, reader.ReadString(false, "s"));
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_become_replacement_characters()
    {
        var reader = new KafkaReader(new byte[] { 0, 3, 0x61, 0xff, 0x62 });
        Assert.Equal("a\uFFFDb", reader.ReadString(false, "s"));
    }

    [Theory]
    [InlineData(0u, new byte[] { 0 })]
    [InlineData(127u, new byte[] { 0x7f })]
    [InlineData(128u, new byte[] { 0x80, 0x01 })]
    [InlineData(16_383u, new byte[] { 0xff, 0x7f })]
    [InlineData(16_384u, new byte[] { 0x80, 0x80, 0x01 })]
    [InlineData(2_097_151u, new byte[] { 0xff, 0xff, 0x7f })]
    [InlineData(268_435_455u, new byte[] { 0xff, 0xff, 0xff, 0x7f })]
    [InlineData(268_435_456u, new byte[] { 0x80, 0x80, 0x80, 0x80, 0x01 })]
    [InlineData(uint.MaxValue, new byte[] { 0xff, 0xff, 0xff, 0xff, 0x0f })]
    public void Unsigned_varints_are_read_at_their_edges(uint expected, byte[] bytes)
    {
        var reader = new KafkaReader(bytes);
        Assert.Equal(expected, reader.ReadUnsignedVarint("n"));
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData(0, new byte[] { 0 })]
    [InlineData(-1, new byte[] { 1 })]
    [InlineData(1, new byte[] { 2 })]
    [InlineData(63, new byte[] { 0x7e })]
    [InlineData(-64, new byte[] { 0x7f })]
    [InlineData(64, new byte[] { 0x80, 0x01 })]
    [InlineData(int.MaxValue, new byte[] { 0xfe, 0xff, 0xff, 0xff, 0x0f })]
    [InlineData(int.MinValue, new byte[] { 0xff, 0xff, 0xff, 0xff, 0x0f })]
    public void Zigzag_varints_are_read_at_their_edges(int expected, byte[] bytes)
    {
        var reader = new KafkaReader(bytes);
        Assert.Equal(expected, reader.ReadVarint("n"));
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0x10 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })]
    public void Varints_of_more_than_32_bits_are_refused(byte[] bytes) =>
        Assert.Equal(
            "frame version 0, field n, byte 5: a varint is longer than 32 bits.",
            Failure(bytes, (ref KafkaReader r) => r.ReadUnsignedVarint("n")));

    [Fact]
    public void A_varint_that_the_frame_cuts_off_is_refused() =>
        Assert.Equal(
            "frame version 0, field n, byte 2: 1 bytes are needed, 0 remain.",
            Failure([0x80, 0x80], (ref KafkaReader r) => r.ReadUnsignedVarint("n")));

    [Fact]
    public void Errors_name_message_version_field_and_position() =>
        Assert.Equal(
            "FetchRequest version 12, field MaxWaitMs, byte 3: 4 bytes are needed, 2 remain.",
            Failure(new byte[5], (ref KafkaReader r) =>
            {
                r.Enter("FetchRequest", 12);
                r.Take(3, "before");
                r.ReadInt32("MaxWaitMs");
            }));

    [Fact]
    public void Numbers_are_big_endian()
    {
        byte[] bytes =
            [1, 0xfe, 1, 2, 0xff, 0xfe, 1, 2, 3, 4, 0xff, 0xff, 0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0];
        var reader = new KafkaReader(bytes);
        Assert.True(reader.ReadBoolean("f"));
        Assert.Equal(-2, reader.ReadInt8("f"));
        Assert.Equal(0x0102, reader.ReadInt16("f"));
        Assert.Equal(0xfffe, reader.ReadUInt16("f"));
        Assert.Equal(0x01020304, reader.ReadInt32("f"));
        Assert.Equal(0xfffffffe, reader.ReadUInt32("f"));
        Assert.Equal(0x0102030405060708, reader.ReadInt64("f"));
        Assert.Equal(1.0, reader.ReadFloat64("f"));
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData(false, new byte[] { 0xff, 0xff }, null)]
    [InlineData(false, new byte[] { 0, 0 }, "")]
    [InlineData(false, new byte[] { 0, 2, 0xc3, 0xa9 }, "é")]
    [InlineData(true, new byte[] { 0 }, null)]
    [InlineData(true, new byte[] { 1 }, "")]
    [InlineData(true, new byte[] { 3, 0xc3, 0xa9 }, "é")]
    public void Strings_are_null_empty_or_utf8(bool flexible, byte[] bytes, string? expected)
    {
        var reader = new KafkaReader(bytes);
        Assert.Equal(expected, reader.ReadNullableString(flexible, "s"));
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData(false, new byte[] { 0xff, 0xff })]
    [InlineData(true, new byte[] { 0 })]
    public void Null_is_refused_where_there_is_none(bool flexible, byte[] bytes) =>
        Assert.EndsWith(
            "the value is null, which this version does not allow.",
            Failure(bytes, (ref KafkaReader r) => r.ReadString(flexible, "s")),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(false, new byte[] { 0xff, 0xfe }, "the length -2 is not valid")]
    [InlineData(false, new byte[] { 0, 5, 1 }, "5 bytes are needed, 1 remain")]
    [InlineData(true, new byte[] { 0xff, 0xff, 0xff, 0xff, 0x0f }, "the length 4294967294 is not valid")]
    [InlineData(true, new byte[] { 0xff, 0xff, 0xff, 0xff, 0x07 }, "2147483646 bytes are needed, 0 remain")]
    public void Lengths_that_lie_are_refused(bool flexible, byte[] bytes, string says) =>
        Assert.Contains(says, Failure(bytes, (ref KafkaReader r) => r.ReadNullableString(flexible, "s")), StringComparison.Ordinal);

    [Fact]
    public void Records_are_a_slice_of_the_frame_and_bytes_are_a_copy()
    {
        var frame = new byte[] { 3, 7, 8, 3, 7, 8 };
        var reader = new KafkaReader(frame);
        var records = reader.ReadRecords(true, "r");
        var bytes = reader.ReadBytes(true, "b");
        frame[1] = frame[4] = 9;
        Assert.Equal([9, 8], records.ToArray());
        Assert.Equal([7, 8], bytes);
    }

    [Theory]
    [InlineData(false, new byte[] { 0xff, 0xff, 0xff, 0xff })]
    [InlineData(true, new byte[] { 0 })]
    public void Null_records_and_bytes_are_null(bool flexible, byte[] bytes)
    {
        Assert.Null(new KafkaReader(bytes).ReadNullableRecords(flexible, "r"));
        Assert.Null(new KafkaReader(bytes).ReadNullableBytes(flexible, "b"));
        Assert.Equal(-1, new KafkaReader(bytes).ReadNullableArrayLength(flexible, 1, "a"));
    }

    [Fact]
    public void A_count_is_checked_against_the_bytes_that_remain()
    {
        Assert.Equal(2, new KafkaReader(new byte[] { 0, 0, 0, 2, 1, 2, 3, 4 }).ReadArrayLength(false, 2, "a"));
        Assert.Contains(
            "3 elements of at least 2 bytes are announced, 4 bytes remain",
            Failure([0, 0, 0, 3, 1, 2, 3, 4], (ref KafkaReader r) => r.ReadArrayLength(false, 2, "a")), StringComparison.Ordinal);
        Assert.Contains(
            "the length -2 is not valid",
            Failure([0xff, 0xff, 0xff, 0xfe], (ref KafkaReader r) => r.ReadArrayLength(false, 2, "a")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Tagged_fields_are_skipped_whatever_their_number()
    {
        var reader = new KafkaReader(new byte[] { 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 9, 5, 0, 77 });
        reader.SkipTags();
        Assert.Equal(77, reader.ReadInt8("after"));
    }

    [Fact]
    public void A_tag_that_points_behind_the_end_is_refused() =>
        Assert.Contains(
            "field tagged field, byte 6: 2147483647 bytes are needed, 1 remain",
            Failure([0, 0xff, 0xff, 0xff, 0xff, 0x0f, 1], (ref KafkaReader r) => r.ReadTag(out _)), StringComparison.Ordinal);

    [Fact]
    public void A_tagged_field_takes_exactly_the_bytes_that_it_announced() =>
        Assert.Contains(
            "field F, byte 3: the tagged field should end at byte 4",
            Failure([0, 2, 1, 2], (ref KafkaReader r) =>
            {
                r.ReadTag(out var end);
                r.ReadInt8("F");
                r.EndTag(end, "F");
            }),
            StringComparison.Ordinal);

    [Fact]
    public void The_rest_is_handed_out_without_a_copy()
    {
        var frame = new byte[] { 1, 2, 3 };
        var reader = new KafkaReader(frame);
        reader.ReadInt8("f");
        var rest = reader.ReadRemaining();
        frame[2] = 9;
        Assert.Equal([2, 9], rest.ToArray());
        Assert.Equal((0, 3), (reader.Remaining, reader.Position));
    }

    private delegate void Reads(ref KafkaReader reader);

    private static string Failure(byte[] bytes, Reads read)
    {
        var error = Assert.Throws<ProtocolException>(() =>
        {
            var reader = new KafkaReader(bytes);
            read(ref reader);
        });
        Assert.False(error.IsRetriable);
        return error.Message;
    }
}
