using System.Buffers.Binary;
using System.Net.Sockets;

namespace Caudal.Transport.Tests;

public sealed class FrameMemoryTests
{
    private const int KiB = 1024;

    [Fact]
    public async Task What_is_only_announced_takes_next_to_nothing()
    {
        var memory = new FrameMemory(1024 * KiB);
        await using var peers = await Peers.ConnectAsync(memory);
        var receiving = peers.Server.ReceiveAsync(Pairs.Token).AsTask();

        await peers.AnnounceAsync(100 * 1024 * KiB);
        await peers.SendAsync(new byte[1000]);
        while (memory.Reserved == 0)
            await Task.Yield();

        Assert.Equal(FrameMemory.FirstBytes, memory.Reserved);
        Assert.False(receiving.IsCompleted);
        peers.Server.Abort();
        await Assert.ThrowsAsync<ConnectionException>(() => receiving);
        Assert.Equal(0, memory.Reserved);
        Assert.Equal(0, memory.UnderWay);
    }

    [Theory]
    [InlineData(64 * KiB)]
    [InlineData((64 * KiB) + 1)]
    [InlineData(300 * KiB)]
    [InlineData(5_000_000)]
    public async Task A_frame_goes_through_whole_however_little_there_is(int size)
    {
        var memory = new FrameMemory(100 * KiB);
        await using var peers = await Peers.ConnectAsync(memory);
        var body = Pairs.Bytes(size);
        var receiving = peers.Server.ReceiveAsync(Pairs.Token).AsTask();

        await peers.AnnounceAsync(size);
        await peers.SendAsync(body);

        var frame = (await receiving)!;
        Assert.Equal(body, frame.Memory.ToArray());
        Assert.Equal(size > FrameMemory.FirstBytes ? size : 0, memory.Reserved);
        Assert.Equal(0, memory.UnderWay);
        frame.Dispose();
        Assert.Equal(0, memory.Reserved);
    }

    [Fact]
    public async Task Receiving_waits_until_frames_in_use_are_given_back()
    {
        var memory = new FrameMemory(400 * KiB);
        await using var first = await Peers.ConnectAsync(memory);
        await using var second = await Peers.ConnectAsync(memory);
        var inUse = await first.ExchangeAsync(Pairs.Bytes(300 * KiB));
        var receiving = second.Server.ReceiveAsync(Pairs.Token).AsTask();
        var body = Pairs.Bytes(300 * KiB, 2);
        await second.AnnounceAsync(body.Length);
        var sending = second.SendAsync(body);

        while (memory.UnderWay == 0)
            await Task.Yield();
        Assert.True(memory.Reserved <= 400 * KiB);
        Assert.False(receiving.IsCompleted);
        inUse.Dispose();

        using var received = await receiving;
        await sending;
        Assert.Equal(body, received!.Memory.ToArray());
    }

    [Fact]
    public async Task Frames_that_never_end_make_room_for_others()
    {
        var memory = new FrameMemory(400 * KiB);
        await using var stuck = await Peers.ConnectAsync(memory);
        await using var honest = await Peers.ConnectAsync(memory);
        var stuckReceiving = stuck.Server.ReceiveAsync(Pairs.Token).AsTask();
        await stuck.AnnounceAsync(1000 * KiB);
        await stuck.SendAsync(new byte[150 * KiB]);
        while (memory.UnderWay < 256 * KiB)
            await Task.Yield();

        using var received = await honest.ExchangeAsync(Pairs.Bytes(150 * KiB));

        Assert.Equal(150 * KiB, received.Memory.Length);
        await Assert.ThrowsAsync<ConnectionException>(() => stuckReceiving);
        Assert.Equal(0, memory.UnderWay);
        Assert.Equal(150 * KiB, memory.Reserved);
    }

    [Fact]
    public async Task A_frame_that_waits_for_memory_is_cut_as_well()
    {
        var memory = new FrameMemory(400 * KiB);
        await using var busy = await Peers.ConnectAsync(memory);
        await using var waiting = await Peers.ConnectAsync(memory);
        await using var first = await Peers.ConnectAsync(memory);
        await using var second = await Peers.ConnectAsync(memory);
        // In use: 250 KiB. Under way: 128 KiB, which waits for more. What two others begin brings it over its half.
        using var inUse = await busy.ExchangeAsync(Pairs.Bytes(250 * KiB));
        var waitingReceiving = waiting.Server.ReceiveAsync(Pairs.Token).AsTask();
        await waiting.AnnounceAsync(1000 * KiB);
        await waiting.SendAsync(new byte[130 * KiB]);
        while (memory.UnderWay < 128 * KiB)
            await Task.Yield();

        using var one = await first.ExchangeAsync(Pairs.Bytes(65 * KiB), announcedBefore: second);
        await Assert.ThrowsAsync<ConnectionException>(() => waitingReceiving);
        Assert.Equal(65 * KiB, one.Memory.Length);
    }

    /// <summary>A raw socket that may say what it likes, and the connection that listens to it.</summary>
    private sealed class Peers(Socket raw, IFrameConnection server) : IAsyncDisposable
    {
        public IFrameConnection Server => server;

        public static async Task<Peers> ConnectAsync(FrameMemory memory)
        {
            await using var listener = SocketListener.Listen("127.0.0.1", 0, new SocketOptions { FrameMemory = memory });
            var raw = new Socket(SocketType.Stream, ProtocolType.Tcp);
            var accepting = listener.AcceptAsync(Pairs.Token).AsTask();
            await raw.ConnectAsync(listener.Host, listener.Port, Pairs.Token);
            return new Peers(raw, (await accepting)!);
        }

        public async Task AnnounceAsync(int size)
        {
            var head = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(head, size);
            await SendAsync(head);
        }

        public async Task SendAsync(ReadOnlyMemory<byte> bytes)
        {
            while (bytes.Length > 0)
                bytes = bytes[await raw.SendAsync(bytes, SocketFlags.None, Pairs.Token)..];
        }

        /// <summary>Sends a frame and receives it, with another connection's frame begun before it.</summary>
        public async Task<ReceivedFrame> ExchangeAsync(byte[] body, Peers? announcedBefore = null)
        {
            if (announcedBefore is not null)
            {
                _ = announcedBefore.Server.ReceiveAsync(Pairs.Token).AsTask().ContinueWith(
                    static done => done.Exception, Pairs.Token, TaskContinuationOptions.None, TaskScheduler.Default);
                await announcedBefore.AnnounceAsync(body.Length);
            }

            var receiving = Server.ReceiveAsync(Pairs.Token).AsTask();
            await AnnounceAsync(body.Length);
            await SendAsync(body);
            return (await receiving)!;
        }

        public async ValueTask DisposeAsync()
        {
            raw.Dispose();
            await server.DisposeAsync();
        }
    }
}
