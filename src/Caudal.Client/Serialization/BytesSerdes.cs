using System.Buffers;
using System.Text;
using Caudal.Protocol;

namespace Caudal.Client.Serialization;

internal sealed class Utf8Serde : ISerde<string?>
{
    public void Serialize(string? value, IBufferWriter<byte> destination, in SerializationContext context)
    {
        // Most strings are short: three bytes a character is the most that UTF-8 takes, and asking for it saves counting.
        var text = value.AsSpan();
        if (text.Length <= 1024)
        {
            destination.Advance(Encoding.UTF8.GetBytes(text, destination.GetSpan(text.Length * 3)));
            return;
        }

        var length = Encoding.UTF8.GetByteCount(text);
        destination.Advance(Encoding.UTF8.GetBytes(text, destination.GetSpan(length)));
    }

    public string? Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) =>
        context.IsNull ? null : Encoding.UTF8.GetString(data.Span);
}

internal sealed class ByteArraySerde : ISerde<byte[]?>
{
    public void Serialize(byte[]? value, IBufferWriter<byte> destination, in SerializationContext context) => destination.Write(value);

    public byte[]? Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) => context.IsNull ? null : data.ToArray();
}

internal sealed class MemorySerde : ISerde<ReadOnlyMemory<byte>>
{
    public bool IsNull(ReadOnlyMemory<byte> value) => false;

    public void Serialize(ReadOnlyMemory<byte> value, IBufferWriter<byte> destination, in SerializationContext context) =>
        destination.Write(value.Span);

    public ReadOnlyMemory<byte> Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) => data.ToArray();
}

internal sealed class NullSerde : ISerde<Null>
{
    public void Serialize(Null value, IBufferWriter<byte> destination, in SerializationContext context)
    {
    }

    public bool IsNull(Null value) => true;

    public Null Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) =>
        context.IsNull ? default : throw SerdeErrors.Unexpected(context, "null", data.Length);
}

internal sealed class IgnoreSerde : ISerde<Ignore>
{
    public void Serialize(Ignore value, IBufferWriter<byte> destination, in SerializationContext context)
    {
    }

    public bool IsNull(Ignore value) => true;

    public Ignore Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) => default;
}

internal static class SerdeErrors
{
    public static KafkaException Unexpected(in SerializationContext context, string expected, int length) =>
        new SerializationException(
            $"A {(context.IsKey ? "key" : "value")} of topic '{context.Topic}' is "
            + $"{(context.IsNull ? "null" : $"{length} bytes long")}; {expected} is expected. "
            + "Choose the deserializer that matches its producer.");
}
