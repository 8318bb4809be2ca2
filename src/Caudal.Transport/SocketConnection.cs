using System.Buffers.Binary;
using System.Net.Sockets;
using Caudal.Protocol;

namespace Caudal.Transport;

/// <summary>Frames over a TCP socket.</summary>
internal sealed class SocketConnection : IFrameConnection
{
    // Small frames arrive many at a time: one system call fills this buffer with all of them. Larger ones are read straight into their own
    // memory.
    private const int SideBufferBytes = 32 * 1024;

    private readonly Socket _socket;
    private readonly int _maxFrameBytes;
    private readonly byte[] _side = new byte[SideBufferBytes];
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private readonly List<ArraySegment<byte>> _arrays = [];
    private int _start;
    private int _end;
    private int _closed;

    public SocketConnection(Socket socket, SocketOptions options)
    {
        _socket = socket;
        _maxFrameBytes = options.MaxFrameBytes;
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

    private async ValueTask<bool> FillSideAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _side.AsSpan(_start, _end - _start).CopyTo(_side);
            (_start, _end) = (0, _end - _start);
        }

        var read = await ReceiveSomeAsync(_side.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
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
        while (bytes.Length > 0)
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
    }

    private async ValueTask SendManyAsync(CancellationToken cancellationToken)
    {
        // Gathered sends take no token: cancelling them cuts the connection, which is what a cancelled send means anyway.
        using var registration = cancellationToken.UnsafeRegister(static state => ((SocketConnection)state!).Abort(), this);
        _arrays.Clear();
        foreach (var segment in _segments)
        {
            if (!System.Runtime.InteropServices.MemoryMarshal.TryGetArray(segment, out var array))
                array = segment.ToArray();
            _arrays.Add(array);
        }

        while (_arrays.Count > 0)
        {
            var sent = await _socket.SendAsync(_arrays, SocketFlags.None).ConfigureAwait(false);
            Advance(_arrays, sent);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private static void Advance(List<ArraySegment<byte>> arrays, int sent)
    {
        var whole = 0;
        while (whole < arrays.Count && sent >= arrays[whole].Count)
            sent -= arrays[whole++].Count;
        arrays.RemoveRange(0, whole);
        if (sent > 0)
            arrays[0] = arrays[0].Slice(sent);
    }

    private ConnectionException Broken(string what, Exception? inner) =>
        new(what.EndsWith("to", StringComparison.Ordinal)
            ? $"A frame {what} {RemoteName}: {inner?.Message ?? "the connection is closed"}."
            : $"{RemoteName} {what}{(inner is null ? "" : ": " + inner.Message)}.", inner);
}
