using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Caudal.Protocol;

namespace Caudal.Transport;

/// <summary>Frames over a TCP socket.</summary>
internal sealed class SocketConnection : IFrameConnection
{
    // Small frames arrive many at a time: one system call fills this buffer with all of them. Larger ones are read straight into their own
    // memory. A connection that waits holds only the small buffer, the large one is borrowed while more than that is there.
    private const int SideBufferBytes = 32 * 1024;
    private const int IdleBufferBytes = 1024;

    // What is sent at once. The kernel may take megabytes, even for a peer that never reads: copying them would keep a thread, and all
    // that wait for it, for milliseconds. Between two pieces whoever waits gets a turn.
    private const int SendBytes = 256 * 1024;

    private static readonly ArrayPool<byte> SideBuffers = ArrayPool<byte>.Create(SideBufferBytes, 64);

    private readonly Socket _socket;
    private readonly int _maxFrameBytes;
    private readonly FrameMemory _memory;
    private readonly byte[] _idle = new byte[IdleBufferBytes];
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private readonly List<ArraySegment<byte>> _arrays = [];
    private byte[] _side;
    private bool _isBusy;
    private int _start;
    private int _end;
    private int _closed;

    public SocketConnection(Socket socket, SocketOptions options)
    {
        _socket = socket;
        _side = _idle;
        _maxFrameBytes = options.MaxFrameBytes;
        _memory = options.FrameMemory ?? FrameMemory.Unbounded;
        socket.NoDelay = true;
        if (options.SendBufferBytes > 0)
            socket.SendBufferSize = options.SendBufferBytes;
        if (options.ReceiveBufferBytes > 0)
            socket.ReceiveBufferSize = options.ReceiveBufferBytes;
        RemoteName = socket.RemoteEndPoint?.ToString() ?? "unknown";
    }

    public string RemoteName { get; }

    public async ValueTask<ReceivedFrame?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (_end - _start < 4)
        {
            if (await FillSideAsync(cancellationToken).ConfigureAwait(false))
                continue;
            return _end == _start ? null : throw Broken("closed the connection inside a frame", null);
        }

        var size = BinaryPrimitives.ReadInt32BigEndian(_side.AsSpan(_start));
        if (size < 0 || size > _maxFrameBytes)
            throw new ProtocolException(
                $"{RemoteName} announced a frame of {size} bytes; 0 to {_maxFrameBytes} are allowed. Is it a Kafka peer, and without TLS?");
        _start += 4;
        if (size > FrameMemory.FirstBytes)
            return await ReceiveLargeAsync(size, cancellationToken).ConfigureAwait(false);
        var frame = ReceivedFrame.Rent(size);
        try
        {
            await FillFrameAsync(frame.Writable, cancellationToken).ConfigureAwait(false);
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    public async ValueTask SendAsync(FrameBuffer frame, CancellationToken cancellationToken)
    {
        _segments.Clear();
        frame.GetSegments(_segments);
        try
        {
            if (_segments.Count == 1)
            {
                await SendWholeAsync(_segments[0], cancellationToken).ConfigureAwait(false);
                return;
            }

            await SendManyAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Broken("could not be sent to", e);
        }
        finally
        {
            // What was sent belongs to others again: an idle connection must not keep it alive.
            _segments.Clear();
            _arrays.Clear();
        }
    }

    public void Abort()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        try
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already, which is what was asked for.
        }

        _socket.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return ValueTask.CompletedTask;
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was faster.
        }

        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<ReceivedFrame> ReceiveLargeAsync(int size, CancellationToken cancellationToken)
    {
        var partial = _memory.Begin(this, size);
        var frame = ReceivedFrame.Rent(Math.Min(partial.Bytes, size));
        try
        {
            var filled = 0;
            while (true)
            {
                var length = frame.Writable.Length;
                await FillFrameAsync(frame.Writable[filled..], cancellationToken).ConfigureAwait(false);
                if (length == size)
                    break;
                filled = length;
                length = (int)Math.Min(size, 2L * filled);
                await _memory.GrowAsync(partial, length - filled, cancellationToken).ConfigureAwait(false);
                frame = frame.Extend(length);
            }

            _memory.Complete(partial);
            frame.ChargeTo(_memory, partial.Bytes);
            return frame;
        }
        catch
        {
            frame.Dispose();
            _memory.Complete(partial);
            _memory.Release(partial.Bytes);
            throw;
        }
    }

    private async ValueTask<bool> FillSideAsync(CancellationToken cancellationToken)
    {
        ChooseSide();
        var read = await ReceiveSomeAsync(_side.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        _isBusy = read > IdleBufferBytes || _end == _side.Length;
        return read > 0;
    }

    // Moves what is left of the last read, three bytes at most, to the front of the buffer for the next one.
    private void ChooseSide()
    {
        var left = _side.AsSpan(_start, _end - _start);
        var side = _isBusy && HasMoreThanIdle() ? SideBuffers.Rent(SideBufferBytes) : _idle;
        left.CopyTo(side);
        (_start, _end) = (0, left.Length);
        if (_side != _idle)
            SideBuffers.Return(_side);
        _side = side;
    }

    private bool HasMoreThanIdle()
    {
        try
        {
            return _socket.Available > IdleBufferBytes;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The read that follows says so properly.
            return false;
        }
    }

    private async ValueTask FillFrameAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        var buffered = Math.Min(target.Length, _end - _start);
        _side.AsSpan(_start, buffered).CopyTo(target.Span);
        _start += buffered;
        if (_start == _end)
            _start = _end = 0;
        target = target[buffered..];
        while (target.Length > 0)
        {
            var read = await ReceiveSomeAsync(target, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw Broken("closed the connection inside a frame", null);
            target = target[read..];
        }
    }

    private async ValueTask<int> ReceiveSomeAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(target, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Broken("broke the connection", e);
        }
    }

    private async ValueTask SendWholeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            var sending = _socket.SendAsync(bytes[..Math.Min(bytes.Length, SendBytes)], SocketFlags.None, cancellationToken);
            var isQuick = sending.IsCompleted;
            bytes = bytes[await sending.ConfigureAwait(false)..];
            if (bytes.IsEmpty)
                return;
            if (isQuick)
                await Task.Yield();
        }
    }

    private async ValueTask SendManyAsync(CancellationToken cancellationToken)
    {
        // Gathered sends take no token: cancelling them cuts the connection, which is what a cancelled send means anyway.
        using var registration = cancellationToken.UnsafeRegister(static state => ((SocketConnection)state!).Abort(), this);
        while (true)
        {
            Gather();
            var sending = _socket.SendAsync(_arrays, SocketFlags.None);
            var isQuick = sending.IsCompleted;
            Advance(await sending.ConfigureAwait(false));
            if (_segments.Count == 0)
                break;
            if (isQuick)
                await Task.Yield();
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Gather()
    {
        _arrays.Clear();
        var left = SendBytes;
        for (var i = 0; i < _segments.Count && left > 0; i++)
        {
            var segment = _segments[i][..Math.Min(_segments[i].Length, left)];
            if (!MemoryMarshal.TryGetArray(segment, out var array))
                array = segment.ToArray();
            _arrays.Add(array);
            left -= segment.Length;
        }
    }

    private void Advance(int sent)
    {
        var whole = 0;
        while (whole < _segments.Count && sent >= _segments[whole].Length)
            sent -= _segments[whole++].Length;
        _segments.RemoveRange(0, whole);
        if (sent > 0)
            _segments[0] = _segments[0][sent..];
    }

    private ConnectionException Broken(string what, Exception? inner) =>
        new(what.EndsWith("to", StringComparison.Ordinal)
            ? $"A frame {what} {RemoteName}: {inner?.Message ?? "the connection is closed"}."
            : $"{RemoteName} {what}{(inner is null ? "" : ": " + inner.Message)}.", inner);
}
