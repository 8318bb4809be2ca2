namespace Caudal.Compression;

/// <summary>
/// Lets a stream class read pinned memory, and remembers how far it came. Reused; whoever opens it keeps the memory pinned until it is
/// closed.
/// </summary>
internal sealed unsafe class PinnedSpanStream : Stream
{
    private byte* _start;
    private int _length;
    private int _lastOffset;

    /// <summary>How many bytes of the memory were handed out, from its start.</summary>
    public int Offset { get; private set; }

    /// <summary>What <see cref="Offset"/> was two reads ago.</summary>
    public int PreviousOffset { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void Open(byte* start, int length, int offset)
    {
        _start = start;
        _length = length;
        Offset = offset;
        _lastOffset = offset;
        PreviousOffset = offset;
    }

    public new void Close() => Open(null, 0, 0);

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _length - Offset);
        new ReadOnlySpan<byte>(_start + Offset, count).CopyTo(buffer);
        if (count > 0)
            (PreviousOffset, _lastOffset, Offset) = (_lastOffset, Offset, Offset + count);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
