using System.Text;

namespace Caudal.Protocol.Records;

/// <summary>The headers of a record: a count, and a walk over them that allocates nothing.</summary>
public ref struct RecordHeaders
{
    /// <summary>The bytes that a header takes at least: the lengths of its key and its value.</summary>
    internal const int SmallestHeader = 2;

    private RecordReader _reader;
    private RecordHeaderView _current;
    private int _left;

    /// <summary>Walks headers that were kept apart from their record.</summary>
    /// <param name="bytes">The bytes of <see cref="RecordView.HeadersRange"/>.</param>
    /// <param name="count">The record's <see cref="RecordView.HeaderCount"/>.</param>
    /// <exception cref="ProtocolException">
    /// The bytes are too few for <paramref name="count"/> headers, or the count is negative.
    /// </exception>
    public RecordHeaders(ReadOnlySpan<byte> bytes, int count)
        : this(bytes, 0, count, 0)
    {
        if ((uint)count > (uint)(bytes.Length / SmallestHeader))
            throw RecordErrors.Record(0, 0, "header count", $"{count} headers do not fit {bytes.Length} bytes");
    }

    internal RecordHeaders(ReadOnlySpan<byte> payload, int start, int count, int index)
    {
        _reader = new RecordReader(payload, start, index);
        Count = _left = count;
    }

    /// <summary>How many headers there are.</summary>
    public int Count { get; }

    /// <summary>The header that <see cref="MoveNext"/> read.</summary>
    public readonly RecordHeaderView Current => _current;

    /// <summary>For <c>foreach</c>.</summary>
    public readonly RecordHeaders GetEnumerator() => this;

    /// <summary>Reads the next header.</summary>
    /// <returns>False after the last one.</returns>
    /// <exception cref="ProtocolException">A length is wrong, or bytes follow the last header.</exception>
    public bool MoveNext()
    {
        if (_left == 0)
        {
            if (_reader.Remaining != 0)
                throw RecordErrors.Record(_reader.Index, _reader.Position, "headers", $"{_reader.Remaining} bytes follow the last header");
            return false;
        }

        _left--;
        var keyStart = _reader.TakeNullable("header key", out var keyLength);
        if (keyLength < 0)
            throw RecordErrors.Record(_reader.Index, keyStart, "header key", "a header's key may not be null");
        var valueStart = _reader.TakeNullable("header value", out var valueLength);
        _current = new RecordHeaderView(
            _reader.Payload.Slice(keyStart, keyLength),
            _reader.Payload.Slice(valueStart, Math.Max(valueLength, 0)),
            valueLength < 0);
        return true;
    }

    /// <summary>Copies the headers out, for records that outlive their batch. Allocates.</summary>
    /// <exception cref="ProtocolException">A length is wrong, or bytes follow the last header.</exception>
    public readonly RecordHeader[] ToArray()
    {
        if (Count == 0)
            return [];
        var result = new RecordHeader[Count];
        var index = 0;
        foreach (var header in this)
            result[index++] = new RecordHeader(Encoding.UTF8.GetString(header.Key), header.IsValueNull ? null : header.Value.ToArray());
        return result;
    }
}
