using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker.Network;

/// <summary>
/// Bounds the memory of responses that their clients do not read: over the limit the connections that have been sending longest are cut.
/// </summary>
/// <remarks>
/// A connection has one response at most, but thousands of connections that never read have thousands. Only responses that do not go out
/// at once are counted, so that reading clients pay nothing. Thread safe.
/// </remarks>
/// <param name="limit">The most bytes that wait together; a single response always may.</param>
/// <param name="logger">Where cut connections are named.</param>
internal sealed partial class UnsentResponses(long limit, ILogger logger)
{
    // Guards the following; the oldest comes first.
    private readonly Lock _lock = new();
    private readonly LinkedList<(IFrameConnection Connection, int Bytes)> _unsent = [];
    private long _bytes;

    /// <summary>The bytes that wait now.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Waits until a response has been sent.</summary>
    /// <param name="sending">What sends it.</param>
    /// <param name="connection">The connection that it goes to.</param>
    /// <param name="bytes">Its size.</param>
    public ValueTask SendAsync(ValueTask sending, IFrameConnection connection, int bytes) =>
        sending.IsCompleted ? sending : CountAsync(sending, connection, bytes);

    private async ValueTask CountAsync(ValueTask sending, IFrameConnection connection, int bytes)
    {
        var node = Enter(connection, bytes);
        try
        {
            await sending.ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
                Remove_UnderLock(node);
        }
    }

    private LinkedListNode<(IFrameConnection Connection, int Bytes)> Enter(IFrameConnection connection, int bytes)
    {
        List<(IFrameConnection Connection, int Bytes)>? cut = null;
        LinkedListNode<(IFrameConnection Connection, int Bytes)> entered;
        lock (_lock)
        {
            entered = _unsent.AddLast((connection, bytes));
            _bytes += bytes;
            while (_bytes > limit && _unsent.First is { } oldest && oldest != entered)
            {
                Remove_UnderLock(oldest);
                (cut ??= []).Add(oldest.Value);
            }
        }

        foreach (var oldest in cut ?? [])
        {
            Log.Cut(logger, oldest.Connection.RemoteName, oldest.Bytes, limit);
            oldest.Connection.Abort();
        }

        return entered;
    }

    private void Remove_UnderLock(LinkedListNode<(IFrameConnection Connection, int Bytes)> node)
    {
        if (node.List is null)
            return;
        _unsent.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private static partial class Log
    {
        [LoggerMessage(4014, LogLevel.Debug,
            "The connection to {Remote} was cut: it does not read its response of {Bytes} bytes, and more than {Limit} bytes of " +
            "responses wait for clients that do not read.")]
        public static partial void Cut(ILogger logger, string remote, int bytes, long limit);
    }
}
