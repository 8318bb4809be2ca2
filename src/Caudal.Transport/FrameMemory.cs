namespace Caudal.Transport;

/// <summary>
/// Bounds the memory of the large frames that sockets receive: those under way and those that are still in use. Share one among all
/// connections of a broker. Thread safe.
/// </summary>
/// <remarks>
/// What a peer announces costs nothing until it arrives: a frame begins with 64 KiB and doubles as it fills up. While little is under way a
/// frame is believed and rented whole, so that honest peers pay for no copy. At the limit receiving waits until frames in use are given
/// back. What is under way may take half of the limit: beyond it the connections whose frames began first are cut, because frames that
/// never end would keep everybody else waiting. Frames of up to 64 KiB are not counted: connections bound them.
/// </remarks>
public sealed class FrameMemory
{
    /// <summary>What is rented for a frame that is not believed yet, in bytes; smaller frames are not counted.</summary>
    public const int FirstBytes = 64 * 1024;

    private const long MostTrusted = 64 * 1024 * 1024;

    private readonly long _limit;
    private readonly long _trusted;

    // Guards the following.
    private readonly Lock _lock = new();
    private readonly LinkedList<PartialFrame> _partial = [];
    private long _reserved;
    private long _underWay;
    private TaskCompletionSource? _changed;

    /// <summary>Creates an account with nothing on it.</summary>
    /// <param name="limit">The most bytes that frames take together, at least 1; one frame always goes through, whatever its size.</param>
    public FrameMemory(long limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        _limit = limit;
        _trusted = Math.Min(limit / 4, MostTrusted);
    }

    /// <summary>The bytes that frames take now, those under way included.</summary>
    public long Reserved => Volatile.Read(ref _reserved);

    /// <summary>The bytes that frames take now which have not arrived whole.</summary>
    public long UnderWay => Volatile.Read(ref _underWay);

    /// <summary>For peers that are trusted with memory, as a client trusts its brokers.</summary>
    internal static FrameMemory Unbounded { get; } = new(long.MaxValue);

    /// <summary>Begins a frame; <see cref="PartialFrame.Bytes"/> says how much to rent for it.</summary>
    internal PartialFrame Begin(IFrameConnection connection, int size)
    {
        var partial = new PartialFrame(connection);
        List<IFrameConnection>? cut;
        lock (_lock)
        {
            var isBelieved = _underWay + size <= _trusted && _reserved + size <= _limit;
            partial.Node = _partial.AddLast(partial);
            cut = Add_UnderLock(partial, isBelieved ? size : Math.Min(size, FirstBytes));
        }

        Abort(cut);
        return partial;
    }

    /// <summary>Waits until a frame may take more memory.</summary>
    /// <exception cref="ConnectionException">The frame's connection was cut in favour of others.</exception>
    internal async ValueTask GrowAsync(PartialFrame partial, int bytes, CancellationToken cancellationToken)
    {
        while (Grow(partial, bytes) is { } changed)
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The frame has arrived: from now on it is in use, until <see cref="Release"/>.</summary>
    internal void Complete(PartialFrame partial)
    {
        lock (_lock)
            Remove_UnderLock(partial);
    }

    /// <summary>A frame's memory was given back.</summary>
    internal void Release(int bytes)
    {
        lock (_lock)
        {
            _reserved -= bytes;
            Notify_UnderLock();
        }
    }

    // Null if the frame got the bytes, otherwise what to wait for.
    private Task? Grow(PartialFrame partial, int bytes)
    {
        List<IFrameConnection>? cut;
        lock (_lock)
        {
            if (partial.Node is null)
                throw new ConnectionException($"The frame of {partial.Connection.RemoteName} was given up: others needed its memory.");
            // If everything is under way, nothing is in use that could be given back: only the half for what is under way counts.
            if (_reserved + bytes > _limit && _reserved > _underWay)
            {
                _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return _changed.Task;
            }

            cut = Add_UnderLock(partial, bytes);
        }

        Abort(cut);
        return null;
    }

    private List<IFrameConnection>? Add_UnderLock(PartialFrame partial, int bytes)
    {
        partial.Bytes += bytes;
        _reserved += bytes;
        _underWay += bytes;
        List<IFrameConnection>? cut = null;
        while (_underWay > _limit / 2 && _partial.First!.Value is var oldest && oldest != partial)
        {
            Remove_UnderLock(oldest);
            (cut ??= []).Add(oldest.Connection);
        }

        if (cut is not null)
            Notify_UnderLock();
        return cut;
    }

    // Its memory stays on the account until its connection has noticed and gives it back.
    private void Remove_UnderLock(PartialFrame partial)
    {
        if (partial.Node is not { } node)
            return;
        _partial.Remove(node);
        partial.Node = null;
        _underWay -= partial.Bytes;
    }

    private void Notify_UnderLock()
    {
        _changed?.TrySetResult();
        _changed = null;
    }

    private static void Abort(List<IFrameConnection>? connections)
    {
        foreach (var connection in connections ?? [])
            connection.Abort();
    }
}

/// <summary>A large frame under way.</summary>
internal sealed class PartialFrame(IFrameConnection connection)
{
    public IFrameConnection Connection => connection;

    /// <summary>What it takes, in bytes.</summary>
    public int Bytes { get; set; }

    /// <summary>Its place among those under way; null once it has arrived or was given up. Guarded by its account's lock.</summary>
    public LinkedListNode<PartialFrame>? Node { get; set; }
}
