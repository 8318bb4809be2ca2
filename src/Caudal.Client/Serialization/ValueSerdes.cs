using System.Buffers;
using System.Buffers.Text;

namespace Caudal.Client.Serialization;

internal sealed class BooleanSerde : ISerde<bool>
{
    public bool IsNull(bool value) => false;

    public void Serialize(bool value, IBufferWriter<byte> destination, in SerializationContext context)
    {
        destination.GetSpan(1)[0] = value ? (byte)1 : (byte)0;
        destination.Advance(1);
    }

    public bool Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) =>
        !context.IsNull && data.Span is [var value and <= 1]
            ? value == 1
            : throw SerdeErrors.Unexpected(context, "one byte, 0 or 1,", data.Length);
}

internal sealed class GuidSerde : ISerde<Guid>
{
    private const int TextLength = 36;

    public bool IsNull(Guid value) => false;

    public void Serialize(Guid value, IBufferWriter<byte> destination, in SerializationContext context)
    {
        value.TryFormat(destination.GetSpan(TextLength), out var written);
        destination.Advance(written);
    }

    public Guid Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) =>
        !context.IsNull && Utf8Parser.TryParse(data.Span, out Guid value, out var consumed) && consumed == data.Length
            ? value
            : throw SerdeErrors.Unexpected(context, "the text of a UUID, 36 letters,", data.Length);
}
