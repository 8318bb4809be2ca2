using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Caudal.Protocol;

namespace Caudal.Transport.Tests;

public sealed class SocketConnectionTests
{
    [Fact]
    public async Task A_frame_that_trickles_in_is_put_together()
    {
        await using var pair = await RawPair.ConnectAsync();
        var body = Pairs.Bytes(1000);
        var receiving = pair.Connection.ReceiveAsync(Pairs.Token).AsTask();

        foreach (var single in RawPair.WithSize(body))
            await pair.Raw.SendAsync(new[] { single }, SocketFlags.None, Pairs.Token);

        using var frame = await receiving;
        Assert.Equal(body, frame!.Memory.ToArray());
    }

    [Fact]
    public async Task Frames_that_arrive_together_are_told_apart()
    {
        await using var pair = await RawPair.ConnectAsync();
        byte[][] bodies = [.. Enumerable.Range(0, 500).Select(i => Pairs.Bytes(i % 90, i))];

        await pair.Raw.SendAsync(bodies.SelectMany(RawPair.WithSize).ToArray(), SocketFlags.None, Pairs.Token);

        foreach (var body in bodies)
            Assert.Equal(body, await Pairs.ReceiveAsync(pair.Connection));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(1025)]
    [InlineData(int.MaxValue)]
    public async Task A_size_out_of_bounds_is_refused_before_anything_is_allocated(int size)
    {
        await using var pair = await RawPair.ConnectAsync(new SocketOptions { MaxFrameBytes = 1024 });
        var head = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(head, size);
        await pair.Raw.SendAsync(head, SocketFlags.None, Pairs.Token);

        var error = await Assert.ThrowsAsync<ProtocolException>(() => pair.Connection.ReceiveAsync(Pairs.Token).AsTask());
        Assert.Contains($"a frame of {size} bytes; 0 to 1024 are allowed", error.Message);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(40)]
    public async Task A_peer_that_closes_inside_a_frame_broke_the_connection(int sent)
    {
        await using var pair = await RawPair.ConnectAsync();
        await pair.Raw.SendAsync(RawPair.WithSize(Pairs.Bytes(100)).AsMemory(0, sent), SocketFlags.None, Pairs.Token);
        pair.Raw.Shutdown(SocketShutdown.Send);

        var error = await Assert.ThrowsAsync<ConnectionException>(() => pair.Connection.ReceiveAsync(Pairs.Token).AsTask());
        Assert.Contains("closed the connection inside a frame", error.Message);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(10, 2_500_000)]
    [InlineData(300_000, 5_000)]
    public async Task A_frame_that_is_sent_in_pieces_arrives_whole(int linkAt, int linkLength)
    {
        await using var pair = await RawPair.ConnectAsync(new SocketOptions { SendBufferBytes = 16 * 1024 });
        using var frame = Pairs.Frame(Pairs.Bytes(3_000_000), linkAt, linkLength);
        var sending = pair.Connection.SendAsync(frame, Pairs.Token).AsTask();

        var received = new byte[frame.Length];
        for (var count = 0; count < received.Length;)
        {
            var read = await pair.Raw.ReceiveAsync(received.AsMemory(count, Math.Min(70_000, received.Length - count)), Pairs.Token);
            Assert.True(read > 0);
            count += read;
        }

        await sending;
        Assert.Equal(frame.ToArray(), received);
    }

    private sealed class RawPair(Socket raw, IFrameConnection connection) : IAsyncDisposable
    {
        public Socket Raw => raw;

        public IFrameConnection Connection => connection;

        public static async Task<RawPair> ConnectAsync(SocketOptions? options = null)
        {
            await using var listener = SocketListener.Listen("127.0.0.1", 0, options);
            var raw = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await raw.ConnectAsync(new IPEndPoint(IPAddress.Loopback, listener.Port), Pairs.Token);
            return new RawPair(raw, (await listener.AcceptAsync(Pairs.Token))!);
        }

        public static byte[] WithSize(byte[] body)
        {
            var bytes = new byte[body.Length + 4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, body.Length);
            body.CopyTo(bytes, 4);
            return bytes;
        }

        public async ValueTask DisposeAsync()
        {
            raw.Dispose();
            await connection.DisposeAsync();
        }
    }
}
