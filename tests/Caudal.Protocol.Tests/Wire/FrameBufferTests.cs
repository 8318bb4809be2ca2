using System.Buffers.Binary;

namespace Caudal.Protocol.Tests.Wire;

public sealed class FrameBufferTests
{
    [Fact]
    public void A_frame_begins_with_its_size()
    {
        using var frame = new FrameBuffer();
        Fill(frame, new byte[3]);
        Assert.Equal([0, 0, 0, 9, 42, 0, 0, 0, 3, 0, 0, 0, 43], frame.ToArray());
    }

    [Fact]
    public void Linked_batches_stand_where_they_were_written()
    {
        using var frame = new FrameBuffer();
        byte[] first = Bytes(FrameBuffer.LinkThreshold, 1), second = Bytes(5_000, 2), small = Bytes(100, 3), third = Bytes(3_000, 4);
        Fill(frame, first, second, small, third);
        byte[] expected = [0, 0, 0, 0, 42, .. Prefixed(first), .. Prefixed(second), .. Prefixed(small), .. Prefixed(third), 43];
        BinaryPrimitives.WriteInt32BigEndian(expected, expected.Length - 4);
        Assert.Equal(expected.Length, frame.Length);
        Assert.Equal(expected, frame.ToArray());
        Assert.Equal(expected, Joined(frame));
        var body = new byte[expected.Length - 4];
        frame.CopyBodyTo(body);
        Assert.Equal(expected[4..], body);
    }

    [Fact]
    public void Large_batches_are_linked_and_small_ones_copied()
    {
        using var frame = new FrameBuffer();
        byte[] large = Bytes(FrameBuffer.LinkThreshold, 1), small = Bytes(FrameBuffer.LinkThreshold - 1, 1);
        Fill(frame, large, small);
        large[0] = small[0] = 99;
        var bytes = frame.ToArray();
        Assert.Equal(99, bytes[9]);
        Assert.Equal(1, bytes[9 + large.Length + 4]);
        var segments = new List<ReadOnlyMemory<byte>>();
        frame.GetSegments(segments);
        Assert.Equal(3, segments.Count);
        Assert.True(segments[1].Span.Overlaps(large));
    }

    [Fact]
    public void A_batch_at_the_very_end_is_the_last_segment()
    {
        using var frame = new FrameBuffer();
        frame.BeginFrame();
        var writer = new KafkaWriter(frame);
        writer.WriteRecords(Bytes(3_000, 1), true);
        writer.WriteRecords(Bytes(3_000, 2), true);
        writer.Flush();
        frame.EndFrame();
        Assert.Equal(frame.ToArray(), Joined(frame));
        Assert.Equal(4 + (2 * 3_002), frame.Length);
    }

    [Fact]
    public void A_frame_grows_and_keeps_what_it_holds()
    {
        using var frame = new FrameBuffer(0);
        frame.BeginFrame();
        var writer = new KafkaWriter(frame);
        for (var i = 0; i < 100_000; i++)
            writer.WriteInt32(i);
        writer.Flush();
        frame.EndFrame();
        var reader = new KafkaReader(frame.ToArray());
        Assert.Equal(400_000, reader.ReadInt32("size"));
        for (var i = 0; i < 100_000; i++)
            Assert.Equal(i, reader.ReadInt32("n"));
    }

    [Fact]
    public void A_frame_can_be_used_again()
    {
        using var frame = new FrameBuffer();
        Fill(frame, Bytes(5_000, 1));
        Fill(frame, new byte[3]);
        Assert.Equal(13, frame.ToArray().Length);
    }

    [Fact]
    public void A_disposed_frame_takes_nothing_more()
    {
        var frame = new FrameBuffer();
        frame.Dispose();
        frame.Dispose();
        Assert.Equal(0, frame.Length);
        Assert.Throws<ObjectDisposedException>(() => new KafkaWriter(frame).WriteInt32(1));
    }

    private static void Fill(FrameBuffer frame, params byte[][] batches)
    {
        frame.BeginFrame();
        var writer = new KafkaWriter(frame);
        writer.WriteInt8(42);
        foreach (var batch in batches)
            writer.WriteRecords(batch, false);
        writer.WriteInt8(43);
        writer.Flush();
        frame.EndFrame();
    }

    private static byte[] Joined(FrameBuffer frame)
    {
        var segments = new List<ReadOnlyMemory<byte>>();
        frame.GetSegments(segments);
        return [.. segments.SelectMany(s => s.ToArray())];
    }

    private static byte[] Prefixed(byte[] bytes)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, bytes.Length);
        return [.. size, .. bytes];
    }

    private static byte[] Bytes(int length, byte value)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, value);
        return bytes;
    }
}
