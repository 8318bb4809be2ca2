using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Caudal.Client.Serialization;

internal sealed class JsonSerde<T>(JsonTypeInfo<T> type) : ISerde<T?>
{
    // A writer of its own for each thread that produces: it is reset to the next destination instead of being made anew.
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public void Serialize(T? value, IBufferWriter<byte> destination, in SerializationContext context)
    {
        var writer = _writer ??= new Utf8JsonWriter(Stream.Null);
        writer.Reset(destination);
        try
        {
            JsonSerializer.Serialize(writer, value!, type);
            writer.Flush();
        }
        finally
        {
            writer.Reset(Stream.Null);
        }
    }

    public T? Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context)
    {
        if (context.IsNull)
            return default;
        try
        {
            return JsonSerializer.Deserialize(data.Span, type);
        }
        catch (JsonException e)
        {
            throw new SerializationException(
                $"A {(context.IsKey ? "key" : "value")} of topic '{context.Topic}' is not the JSON of {typeof(T).Name}: {e.Message}", e);
        }
    }
}
