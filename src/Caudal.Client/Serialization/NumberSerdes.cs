using System.Buffers;
using System.Buffers.Binary;

namespace Caudal.Client.Serialization;

internal sealed class Int32Serde : ISerde<int>
{
    public bool IsNull(int value) => false;

    public void Serialize(int value, IBufferWriter<byte> destination, in SerializationContext context)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination.GetSpan(sizeof(int)), value);
        destination.Advance(sizeof(int));
    }

    public int Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) =>
        !context.IsNull && data.Length == sizeof(int)
            ? BinaryPrimitives.ReadInt32BigEndian(data.Span)
            : throw SerdeErrors.Unexpected(context, "a number of 4 bytes", data.Length);
}

internal sealed class Int64Serde : ISerde<long>
{
    public bool IsNull(long value) => false;

    public void Serialize(long value, IBufferWriter<byte> destination, in SerializationContext context)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination.GetSpan(sizeof(long)), value);
        destination.Advance(sizeof(long));
    }

    public long Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) =>
        !context.IsNull && data.Length == sizeof(long)
            ? BinaryPrimitives.ReadInt64BigEndian(data.Span)
            : throw SerdeErrors.Unexpected(context, "a number of 8 bytes", data.Length);
}
