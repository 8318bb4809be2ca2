using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Records;

/// <summary>
/// A JSON object a line: <c>topic</c>, <c>partition</c>, <c>offset</c>, <c>timestamp</c> (ms), <c>timestampType</c>, <c>key</c>,
/// <c>value</c> and
/// <c>headers</c> (an array: names may repeat). What is not UTF-8 stands in <c>keyBase64</c> or <c>valueBase64</c> instead.
/// </summary>
internal sealed class JsonRecordFormatter : IRecordFormatter, IDisposable
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private Utf8JsonWriter? _json;

    /// <inheritdoc/>
    public void Write(in RecordSource source, in RecordView record, IBufferWriter<byte> output)
    {
        if (_json is null)
            _json = new Utf8JsonWriter(output, Options);
        else
            _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("topic"u8, source.Topic);
        _json.WriteNumber("partition"u8, source.Partition);
        _json.WriteNumber("offset"u8, record.Offset);
        _json.WriteNumber("timestamp"u8, record.Timestamp);
        _json.WriteString("timestampType"u8, source.TimestampType == TimestampType.LogAppendTime ? "LogAppendTime"u8 : "CreateTime"u8);
        WriteBytes(_json, "key"u8, "keyBase64"u8, record.Key, record.IsKeyNull);
        WriteBytes(_json, "value"u8, "valueBase64"u8, record.Value, record.IsValueNull);
        if (record.HeaderCount > 0)
            WriteHeaders(_json, record);
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n"u8);
    }

    public void Dispose() => _json?.Dispose();

    private static void WriteHeaders(Utf8JsonWriter json, in RecordView record)
    {
        json.WriteStartArray("headers"u8);
        foreach (var header in record.Headers)
        {
            json.WriteStartObject();
            WriteBytes(json, "name"u8, "nameBase64"u8, header.Key, isNull: false);
            WriteBytes(json, "value"u8, "valueBase64"u8, header.Value, header.IsValueNull);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteBytes(
        Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> base64Name, ReadOnlySpan<byte> bytes, bool isNull)
    {
        if (isNull)
            json.WriteNull(name);
        else if (Utf8.IsValid(bytes))
            json.WriteString(name, bytes);
        else
            json.WriteBase64String(base64Name, bytes);
    }
}
