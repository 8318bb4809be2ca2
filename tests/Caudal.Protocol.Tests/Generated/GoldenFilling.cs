using Caudal.Protocol.Generator;

namespace Caudal.Protocol.Tests.Generated;

/// <summary>Fills messages as java/GoldenMessages.java fills Kafka's: every value is chosen by a hash of the field's path.</summary>
/// <param name="message">The message.</param>
/// <param name="filling"><c>full</c>, <c>nulls</c> or <c>least</c>; <c>tags</c> is <c>full</c>, for the tags are nobody's.</param>
/// <param name="version">The version that must be able to carry the values.</param>
internal sealed class GoldenFilling(GeneratedMessage message, string filling, short version)
{
    private static readonly long[] Numbers =
    [
        1, -1, 0x0102030405060708, long.MaxValue, long.MinValue, 0x7fff7fff7fff7f7f, unchecked((long)0x8000800080008080), 300,
        0x1122334455667788,
    ];

    private static readonly double[] Fractions = [0.75, -1e300, double.Epsilon, double.PositiveInfinity];

    private static readonly string[] Texts =
        ["a", "größe", "topic-1", "日本, 😀", new('x', 127), new('é', 64), "\0"];

    private static readonly int[] Lengths = [1, 3, 127, 130];

    private readonly string _filling = filling == "tags" ? "full" : filling;

    public IKafkaMessage Make()
    {
        var result = message.Create();
        Fill(result, message.Model.Fields, $"{message.Name}/{_filling}");
        return result;
    }

    private void Fill(object target, List<FieldModel> fields, string path)
    {
        foreach (var field in fields.Where(f => f.Versions.Contains(version)))
        {
            var property = target.GetType().GetProperty(field.Name)!;
            var fieldPath = $"{path}/{char.ToLowerInvariant(field.Name[0])}{field.Name[1..]}";
            if (_filling == "nulls" && field.Nullable.Contains(version))
                property.SetValue(target, null);
            else if (_filling != "least")
                property.SetValue(target, field.IsArray ? Items(field, property.PropertyType, fieldPath) : Value(field, fieldPath));
            else if (Empty(field, property.PropertyType) is { } empty)
                property.SetValue(target, empty);
            else if (field.Struct is not null && property.GetValue(target) is { } structure)
                Fill(structure, field.Struct.Fields, fieldPath);
        }
    }

    private static object? Empty(FieldModel field, Type type) => field.Type switch
    {
        _ when field.IsArray => Array.CreateInstance(type.GetElementType()!, 0),
        "string" => "",
        "bytes" => Array.Empty<byte>(),
        "records" => ReadOnlyMemory<byte>.Empty,
        _ => null,
    };

    private Array Items(FieldModel field, Type type, string path)
    {
        var items = Array.CreateInstance(type.GetElementType()!, _filling == "nulls" ? 1 : 1 + Choose(path, 2));
        for (var i = 0; i < items.Length; i++)
            items.SetValue(Value(field, $"{path}/{i}"), i);
        return items;
    }

    private object Value(FieldModel field, string path)
    {
        var number = Numbers[Choose(path, Numbers.Length)];
        return field.Type switch
        {
            _ when field.Struct is not null => Structure(field.Struct, path),
            "bool" => Choose(path, 2) == 0,
            "int8" => (sbyte)number,
            "int16" => (short)number,
            // Java has no unsigned numbers: of the wider one that holds it the low half is written.
            "uint16" => (ushort)number,
            "int32" => (int)number,
            "uint32" => (uint)number,
            "int64" => number,
            "float64" => Fractions[Choose(path, Fractions.Length)],
            "string" => Texts[Choose(path, Texts.Length)],
            "uuid" => new Uuid(number, Choose(path, 256)),
            "bytes" => Bytes(path),
            "records" => new ReadOnlyMemory<byte>(Bytes(path)),
            var other => throw new NotSupportedException(other),
        };
    }

    private object Structure(StructModel structure, string path)
    {
        var value = Activator.CreateInstance(message.StructType(structure.Name))!;
        Fill(value, structure.Fields, path);
        return value;
    }

    private static byte[] Bytes(string path)
    {
        var bytes = new byte[Lengths[Choose(path, Lengths.Length)]];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(i * 7);
        return bytes;
    }

    /// <summary>FNV-1a over the path, its high bits mixed in: the same number in both languages, and no table of values to keep.</summary>
    private static int Choose(string path, int count)
    {
        var hash = 0x811c9dc5;
        foreach (var c in path)
            hash = (hash ^ c) * 0x01000193;
        hash = (hash ^ (hash >> 15)) * 0x2c1b3c6d;
        return (int)((hash >> 8) % (uint)count);
    }
}
