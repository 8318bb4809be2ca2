namespace Caudal.Transport.Tests;

public sealed class ReceivedFrameTests
{
    [Fact]
    public void Memory_lives_as_long_as_the_last_reference()
    {
        var frame = ReceivedFrame.Rent(3);
        new byte[] { 1, 2, 3 }.CopyTo(frame.Writable.Span);
        frame.AddReference();
        frame.Dispose();
        Assert.Equal([1, 2, 3], frame.Memory.ToArray());
        frame.Dispose();
        Assert.Throws<ObjectDisposedException>(() => frame.Memory);
        frame.Dispose();
    }

    [Fact]
    public void Frames_of_one_size_reuse_their_memory()
    {
        for (var i = 0; i < 10; i++)
            ReceivedFrame.Rent(50_000).Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            ReceivedFrame.Rent(50_000).Dispose();
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
        Assert.InRange(allocated, 1, 100);
    }
}
