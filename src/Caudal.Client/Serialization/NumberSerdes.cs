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

internal sealed class Int16Serde : ISerde<short>
{
    public bool IsNull(short value) => false;

    public void Serialize(short value, IBufferWriter<byte> destination, in SerializationContext context)
    {
        BinaryPrimitives.WriteInt16BigEndian(destination.GetSpan(sizeof(short)), value);
        destination.Advance(sizeof(short));
    }

    public short Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) =>
        !context.IsNull && data.Length == sizeof(short)
            ? BinaryPrimitives.ReadInt16BigEndian(data.Span)
            : throw SerdeErrors.Unexpected(context, "a number of 2 bytes", data.Length);
}

internal sealed class SingleSerde : ISerde<float>
{
    public bool IsNull(float value) => false;

    public void Serialize(float value, IBufferWriter<byte> destination, in SerializationContext context)
    {
        BinaryPrimitives.WriteSingleBigEndian(destination.GetSpan(sizeof(float)), value);
        destination.Advance(sizeof(float));
    }

    public float Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) =>
        !context.IsNull && data.Length == sizeof(float)
            ? BinaryPrimitives.ReadSingleBigEndian(data.Span)
            : throw SerdeErrors.Unexpected(context, "a number of 4 bytes", data.Length);
}

internal sealed class DoubleSerde : ISerde<double>
{
    public bool IsNull(double value) => false;

    public void Serialize(double value, IBufferWriter<byte> destination, in SerializationContext context)
    {
        BinaryPrimitives.WriteDoubleBigEndian(destination.GetSpan(sizeof(double)), value);
        destination.Advance(sizeof(double));
    }

    public double Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context) =>
        !context.IsNull && data.Length == sizeof(double)
            ? BinaryPrimitives.ReadDoubleBigEndian(data.Span)
            : throw SerdeErrors.Unexpected(context, "a number of 8 bytes", data.Length);
}
