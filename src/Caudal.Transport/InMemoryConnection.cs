using System.Threading.Channels;
using Caudal.Protocol;

namespace Caudal.Transport;

/// <summary>One end of a pair that lives in this process: frames go through bounded queues, copied once.</summary>
internal sealed class InMemoryConnection : IFrameConnection
{
    // A sender waits when the other end does not take its frames, as a full socket buffer makes it wait.
    private const int QueuedFrames = 16;

    private readonly ChannelReader<ReceivedFrame> _incoming;
    private readonly ChannelWriter<ReceivedFrame> _outgoing;
    private readonly ChannelWriter<ReceivedFrame> _incomingEnd;

    private InMemoryConnection(Channel<ReceivedFrame> incoming, Channel<ReceivedFrame> outgoing, string remoteName)
    {
        _incoming = incoming.Reader;
        _incomingEnd = incoming.Writer;
        _outgoing = outgoing.Writer;
        RemoteName = remoteName;
    }

    public string RemoteName { get; }

    public static (InMemoryConnection Client, InMemoryConnection Server) CreatePair(string serverName)
    {
        var up = Channel.CreateBounded<ReceivedFrame>(QueuedFrames);
        var down = Channel.CreateBounded<ReceivedFrame>(QueuedFrames);
        return (new InMemoryConnection(down, up, serverName), new InMemoryConnection(up, down, "memory"));
    }

    public async ValueTask<ReceivedFrame?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _incoming.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (_incoming.TryRead(out var frame))
                    return frame;
            }

            return null;
        }
        catch (Exception e) when (e is ConnectionException or ChannelClosedException)
        {
            throw new ConnectionException($"{RemoteName} broke the connection.", e);
        }
    }

    public async ValueTask SendAsync(FrameBuffer frame, CancellationToken cancellationToken)
    {
        // The receiver keeps the frame as long as it likes, the sender reuses its buffer at once: somebody has to copy.
        var copy = ReceivedFrame.Rent(frame.Length - 4);
        frame.CopyBodyTo(copy.Writable.Span);
        try
        {
            await _outgoing.WriteAsync(copy, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            copy.Dispose();
            throw new ConnectionException($"A frame could not be sent to {RemoteName}: the connection is closed.", e);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    public void Abort()
    {
        var cut = new ConnectionException($"The connection to {RemoteName} was cut.");
        _outgoing.TryComplete(cut);
        _incomingEnd.TryComplete(cut);
    }

    public ValueTask DisposeAsync()
    {
        _outgoing.TryComplete();
        _incomingEnd.TryComplete();
        // Nobody will take what is still queued for this end.
        while (_incoming.TryRead(out var frame))
            frame.Dispose();
        return ValueTask.CompletedTask;
    }
}
