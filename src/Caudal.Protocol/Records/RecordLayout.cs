namespace Caudal.Protocol.Records;

/// <summary>Where the parts of one record lie in its payload, checked.</summary>
internal readonly struct RecordLayout
{
    internal readonly long TimestampDelta;
    internal readonly int OffsetDelta;
    internal readonly int Start;
    internal readonly int End;
    internal readonly int KeyStart;
    internal readonly int KeyLength;
    internal readonly int ValueStart;
    internal readonly int ValueLength;
    internal readonly int HeadersStart;
    internal readonly int HeaderCount;
    internal readonly int Index;

    /// <param name="reader">Behind the length prefix, bounded by the record's end.</param>
    /// <param name="start">Where the length prefix starts.</param>
    internal RecordLayout(scoped ref RecordReader reader, int start)
    {
        Start = start;
        End = reader.Payload.Length;
        Index = reader.Index;
        if (reader.Remaining < 1)
            reader.ThrowLength("attributes", 1);
        reader.Position++;
        TimestampDelta = reader.ReadVarlong("timestamp delta");
        OffsetDelta = reader.ReadVarint("offset delta");
        KeyStart = reader.TakeNullable("key", out KeyLength);
        ValueStart = reader.TakeNullable("value", out ValueLength);
        HeaderCount = reader.ReadVarint("header count");
        HeadersStart = reader.Position;
        // Without headers the record ends here.
        if ((uint)HeaderCount > (uint)(reader.Remaining / RecordHeaders.SmallestHeader) || (HeaderCount == 0 && reader.Remaining != 0))
            ThrowHeaderCount(reader.Remaining);
    }

    private void ThrowHeaderCount(int remaining) =>
        throw RecordErrors.Record(Index, HeadersStart, "header count", $"{HeaderCount} headers do not fit {remaining} bytes");
}
