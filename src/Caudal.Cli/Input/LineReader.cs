namespace Caudal.Cli.Input;

/// <summary>Cuts a stream of bytes into lines, which end with LF or CR LF; the last one need not. Not thread safe.</summary>
/// <remarks>Lines are bytes, not text: a record that is not UTF-8 arrives as it was written.</remarks>
internal sealed class LineReader(Stream stream)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _isEnded;

    /// <summary>The line that was read last, without its end. Valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Takes the next line if it has been read already, without waiting.</summary>
    public bool TryRead()
    {
        var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (length >= 0)
            return Take(length, length + 1);
        return _isEnded && _start < _end && Take(_end - _start, _end - _start);
    }

    /// <summary>Reads the next line.</summary>
    /// <returns>False at the end.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryRead())
                return true;
            if (_isEnded)
                return false;
            MakeRoom();
            // Reading from a terminal cannot be cancelled: it is left behind.
            var (buffer, end) = (_buffer, _end);
            var count = await Task.Run(
                () => stream.Read(buffer, end, buffer.Length - end), CancellationToken.None).WaitAsync(cancellationToken);
            _end += count;
            _isEnded = count == 0;
        }
    }

    private bool Take(int length, int lengthWithEnd)
    {
        var line = _buffer.AsMemory(_start, length);
        _start += lengthWithEnd;
        Line = line.Span is [.., (byte)'\r'] && lengthWithEnd > length ? line[..^1] : line;
        return true;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
