using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Caudal.Protocol.Generator;

namespace Caudal.Protocol.Tests.Generated;

/// <summary>Kafka's encoding once more, slow and straight from the schema: an oracle for what is generated.</summary>
internal sealed class SchemaEncoder(MessageModel message, short version, bool withUnknownTags = false)
{
    private readonly ArrayBufferWriter<byte> _output = new();

    public static byte[] Encode(MessageModel message, object value, short version, bool withUnknownTags = false)
    {
        var encoder = new SchemaEncoder(message, version, withUnknownTags);
        encoder.Fields(message.Fields, value);
        return encoder._output.WrittenSpan.ToArray();
    }

    private bool IsFlexible => message.Flexible.Contains(version);

    private void Fields(List<FieldModel> fields, object value)
    {
        var present = fields.Where(f => f.Versions.Contains(version)).ToList();
        foreach (var field in present.Where(f => f.Tag < 0))
            Value(field, Get(field, value), IsFlexible && !field.Inflexible);
        if (IsFlexible)
            Tags(present.Where(f => f.Tag >= 0), value);
    }

    private void Tags(IEnumerable<FieldModel> fields, object value)
    {
        var untouched = Activator.CreateInstance(value.GetType())!;
        var tags = fields.Where(f => Graph.Difference(Get(f, untouched), Get(f, value)) is not null).OrderBy(f => f.Tag)
            .Select(f => ((uint)f.Tag, Encoded(f, Get(f, value)))).ToList();
        if (withUnknownTags)
            tags.AddRange([(1_000, []), (70_000, new byte[300]), (uint.MaxValue, [1])]);
        Varint((uint)tags.Count);
        foreach (var (tag, bytes) in tags)
        {
            Varint(tag);
            Varint((uint)bytes.Length);
            _output.Write(bytes);
        }
    }

    private byte[] Encoded(FieldModel field, object? value)
    {
        var inner = new SchemaEncoder(message, version, withUnknownTags);
        inner.Value(field, value, compact: true);
        return inner._output.WrittenSpan.ToArray();
    }

    private void Value(FieldModel field, object? value, bool compact)
    {
        if (!field.IsArray)
        {
            Element(field, value, compact);
            return;
        }

        var items = (Array?)value;
        Length(items?.Length ?? -1, compact, 4);
        foreach (var item in items ?? Array.Empty<object>())
            Element(field, item, compact);
    }

    private void Element(FieldModel field, object? value, bool compact)
    {
        switch (value)
        {
            case bool flag: Number(flag ? 1 : 0, 1); break;
            case sbyte number: Number(number, 1); break;
            case short number: Number(number, 2); break;
            case ushort number: Number(number, 2); break;
            case int number: Number(number, 4); break;
            case uint number: Number(number, 4); break;
            case long number: Number(number, 8); break;
            case double number: Number(BitConverter.DoubleToInt64Bits(number), 8); break;
            case Uuid id: Number(id.MostSignificant, 8); Number(id.LeastSignificant, 8); break;
            case string text: Bytes(Encoding.UTF8.GetBytes(text), compact, 2); break;
            case byte[] bytes: Bytes(bytes, compact, 4); break;
            case ReadOnlyMemory<byte> records: Bytes(records.ToArray(), compact, 4); break;
            case null when field.Struct is not null: Number(-1, 1); break;
            case null: Length(-1, compact, field.Type == "string" ? 2 : 4); break;
            default:
                if (field.IsNullable && !field.IsArray)
                    Number(1, 1);
                Fields(field.Struct!.Fields, value);
                break;
        }
    }

    private void Bytes(byte[] bytes, bool compact, int size)
    {
        Length(bytes.Length, compact, size);
        _output.Write(bytes);
    }

    private void Length(int length, bool compact, int size)
    {
        if (compact)
            Varint((uint)(length + 1));
        else
            Number(length, size);
    }

    private void Number(long value, int size)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        _output.Write(bytes[(8 - size)..]);
    }

    private void Varint(uint value)
    {
        for (; value >= 0x80; value >>= 7)
            _output.Write([(byte)(value | 0x80)]);
        _output.Write([(byte)value]);
    }

    private static object? Get(FieldModel field, object value) => value.GetType().GetProperty(field.Name)!.GetValue(value);
}
