using System.Buffers;

namespace Caudal.Compression.Tests;

public sealed class PooledBufferTests
{
    [Fact]
    public void It_grows_and_keeps_what_was_written()
    {
        using var buffer = new PooledBuffer();
        var data = Payloads.Named("random100000");
        foreach (var chunk in data.Chunk(777))
            buffer.Write(chunk);
        Assert.Equal(data.Length, buffer.WrittenCount);
        Assert.Equal(data, buffer.WrittenSpan);
        Assert.Equal(data, buffer.WrittenMemory.Span);
    }

    [Fact]
    public void Clear_forgets_and_keeps_the_array()
    {
        using var buffer = new PooledBuffer(5000);
        buffer.Write(new byte[5000]);
        buffer.Clear();
        Assert.Equal(0, buffer.WrittenCount);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(buffer.GetSpan(5000).Length >= 5000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Arrays_come_back_from_the_pool()
    {
        var allocated = long.MaxValue;
        for (var round = 0; round < 6; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using (var buffer = new PooledBuffer(300_000))
                Assert.True(buffer.GetMemory(300_000).Length >= 300_000);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(allocated, 0, 1000);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        var buffer = new PooledBuffer(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(buffer.GetSpan().Length + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.GetSpan(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PooledBuffer(-1));
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.GetSpan(1).Length);
        Assert.Equal(0, buffer.WrittenCount);
    }
}
