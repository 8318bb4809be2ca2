using Caudal.Protocol;

namespace Caudal.Transport.Tests;

/// <summary>Connected pairs of either kind, and frames.</summary>
internal static class Pairs
{
    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<(IFrameConnection Client, IFrameConnection Server)> ConnectAsync(bool sockets)
    {
        var network = new InMemoryNetwork();
        await using var listener = sockets ? SocketListener.Listen("127.0.0.1", 0) : network.Listen("somewhere");
        IConnector connector = sockets ? new SocketConnector() : network;
        var accepting = listener.AcceptAsync(Token).AsTask();
        var client = await connector.ConnectAsync(listener.Host, listener.Port, Token);
        return (client, (await accepting)!);
    }

    /// <summary>A frame whose body is its own bytes up to a place, then a batch that is linked in or copied, then its own again.</summary>
    public static FrameBuffer Frame(byte[] body, int linkAt = -1, int linkLength = 0)
    {
        var frame = new FrameBuffer();
        frame.BeginFrame();
        var writer = new KafkaWriter(frame);
        if (linkAt < 0)
        {
            writer.WriteRaw(body);
        }
        else
        {
            writer.WriteRaw(body.AsSpan(0, linkAt));
            writer.WriteRecords(body.AsMemory(linkAt, linkLength), flexible: false);
            writer.WriteRaw(body.AsSpan(linkAt + linkLength));
        }

        writer.Flush();
        frame.EndFrame();
        return frame;
    }

    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static async Task<byte[]> ReceiveAsync(IFrameConnection connection)
    {
        using var frame = await connection.ReceiveAsync(Token);
        return frame!.Memory.ToArray();
    }
}
