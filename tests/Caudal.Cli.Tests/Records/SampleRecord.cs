using System.Buffers;
using System.Text;
using Caudal.Cli.Records;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Tests.Records;

/// <summary>A record to be shown.</summary>
internal sealed record SampleRecord(byte[]? Key, byte[]? Value)
{
    public const long Offset = 41;
    public const long Timestamp = 1_700_000_000_123;

    public SampleRecord(string? key, string? value)
        : this(key is null ? null : Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value))
    {
    }

    public RecordHeader[] Headers { get; init; } = [];

    public TimestampType TimestampType { get; init; }

    /// <summary>Shows the record as the one of offset 41 in partition 3 of <c>orders</c>.</summary>
    public byte[] ShowBytes(IRecordFormatter formatter)
    {
        using var writer = new RecordBatchWriter();
        writer.TryAppend(Timestamp, Key, Key is null, Value, Value is null, Headers, int.MaxValue);
        var output = new ArrayBufferWriter<byte>();
        foreach (var record in new RecordEnumerator(writer.Records.Span, Offset, Timestamp, 1))
            formatter.Write(new RecordSource("orders", 3, TimestampType), record, output);
        return output.WrittenSpan.ToArray();
    }

    public string Show(IRecordFormatter formatter) => Encoding.UTF8.GetString(ShowBytes(formatter));
}
