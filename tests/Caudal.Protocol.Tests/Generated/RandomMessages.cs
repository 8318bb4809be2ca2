using Caudal.Protocol.Generator;

namespace Caudal.Protocol.Tests.Generated;

/// <summary>Fills messages with random values that one version can carry.</summary>
internal sealed class RandomMessages(GeneratedMessage message, Random random)
{
    public IKafkaMessage Next(short version)
    {
        var result = message.Create();
        Fill(result, message.Model.Fields, version);
        return result;
    }

    /// <summary>A random value for one field, null now and then where that is allowed.</summary>
    public object? Value(FieldModel field, int version)
    {
        if (field.Nullable.Contains(version) && random.Next(4) == 0)
            return null;
        if (!field.IsArray)
            return Element(field, version);
        var length = random.Next(20) == 0 && field.Struct is null ? 200 : random.Next(4);
        var items = Array.CreateInstance(ElementType(field), length);
        for (var i = 0; i < length; i++)
            items.SetValue(Element(field, version), i);
        return items;
    }

    private void Fill(object target, List<FieldModel> fields, int version)
    {
        foreach (var field in fields.Where(f => f.Versions.Contains(version)))
        {
            if (field.Tag < 0 || random.Next(3) > 0)
                target.GetType().GetProperty(field.Name)!.SetValue(target, Value(field, version));
        }
    }

    private Type ElementType(FieldModel field) => field.Type switch
    {
        "int8" => typeof(sbyte),
        "int16" => typeof(short),
        "int32" => typeof(int),
        "int64" => typeof(long),
        "string" => typeof(string),
        _ => message.StructType(field.Type),
    };

    private object Element(FieldModel field, int version)
    {
        if (field.Struct is { } structure)
        {
            var result = Activator.CreateInstance(message.StructType(structure.Name))!;
            Fill(result, structure.Fields, version);
            return result;
        }

        return field.Type switch
        {
            "bool" => random.Next(2) == 0,
            "int8" => (sbyte)random.Next(256),
            "int16" => (short)random.Next(65536),
            "uint16" => (ushort)random.Next(65536),
            "int32" => (int)random.NextInt64(),
            "uint32" => (uint)random.NextInt64(),
            "int64" => random.NextInt64(long.MinValue, long.MaxValue),
            "float64" => random.NextDouble(),
            "uuid" => new Uuid(random.NextInt64(), random.NextInt64()),
            "string" => Text(),
            "bytes" => Bytes(random.Next(20) == 0 ? 20_000 : random.Next(40)),
            "records" => new ReadOnlyMemory<byte>(Bytes(random.Next(40) + (random.Next(5) == 0 ? FrameBuffer.LinkThreshold : 0))),
            var other => throw new NotSupportedException(other),
        };
    }

    private string Text() => random.Next(12) switch
    {
        0 => "",
        1 => "größe, €, 日本, 😀",
        2 => new string('x', random.Next(120, 140)),
        3 => new string('é', random.Next(8_180, 8_200)),
        _ => string.Create(random.Next(1, 20), random, (span, r) =>
        {
            foreach (ref var c in span)
                c = (char)r.Next(' ', 0x7f);
        }),
    };

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
