using System.Text;

namespace Caudal.Cli.Input;

/// <summary>Text as a stream of UTF-8.</summary>
internal sealed class TextReaderStream(TextReader reader) : Stream
{
    private readonly char[] _characters = new char[4096];
    private byte[] _bytes = [];
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_position == _bytes.Length)
        {
            _bytes = Encoding.UTF8.GetBytes(_characters, 0, ReadCharacters());
            _position = 0;
        }

        var length = Math.Min(buffer.Length, _bytes.Length - _position);
        _bytes.AsSpan(_position, length).CopyTo(buffer);
        _position += length;
        return length;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <remarks>Never ends between the halves of a surrogate pair.</remarks>
    private int ReadCharacters()
    {
        var count = reader.Read(_characters, 0, _characters.Length - 1);
        if (count > 0 && char.IsHighSurrogate(_characters[count - 1]) && reader.Read() is >= 0 and var low)
            _characters[count++] = (char)low;
        return Math.Max(count, 0);
    }
}
