using Caudal.Protocol;
using Caudal.Transport;

namespace Caudal.Client.Tests.Fakes;

/// <summary>Cuts connections at random: before a frame is sent, behind it, or instead of what is received.</summary>
internal sealed class CuttingConnector(IConnector inner, int seed, int oneIn) : IConnector
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);

    /// <summary>How many cuts there were.</summary>
    public int Cuts { get; private set; }

    /// <summary>Whether it cuts now.</summary>
    public bool IsOn { get; set; } = true;

    public async ValueTask<IFrameConnection> ConnectAsync(string host, int port, CancellationToken cancellationToken) =>
        new Connection(await inner.ConnectAsync(host, port, cancellationToken), this);

    private bool IsCut()
    {
        lock (_lock)
        {
            if (!IsOn || _random.Next(oneIn) != 0)
                return false;
            Cuts++;
            return true;
        }
    }

    private sealed class Connection(IFrameConnection inner, CuttingConnector owner) : IFrameConnection
    {
        public string RemoteName => inner.RemoteName;

        public async ValueTask<ReceivedFrame?> ReceiveAsync(CancellationToken cancellationToken)
        {
            var frame = await inner.ReceiveAsync(cancellationToken);
            if (frame is null || !owner.IsCut())
                return frame;
            frame.Dispose();
            inner.Abort();
            throw new ConnectionException("The answer was lost.");
        }

        public async ValueTask SendAsync(FrameBuffer frame, CancellationToken cancellationToken)
        {
            if (owner.IsCut())
            {
                inner.Abort();
                throw new ConnectionException("The request was lost.");
            }

            await inner.SendAsync(frame, cancellationToken);
        }

        public void Abort() => inner.Abort();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
