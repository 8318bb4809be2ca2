using System.IO.Compression;
using Caudal.Protocol.Generator;

namespace Caudal.Protocol.Tests.Generated;

/// <summary>Every message in every version has the bytes that Kafka's own classes write (java/GoldenMessages.java).</summary>
public sealed class GoldenMessageTests
{
    private static readonly Dictionary<(string Name, short Version), string> Golden = Load();

    public static TheoryData<string> Messages => [.. GeneratedMessage.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Messages_are_encoded_as_Kafka_encodes_them(string name)
    {
        var message = GeneratedMessage.Named(name);
        foreach (var version in message.Versions)
        {
            var value = message.Create();
            Fill(message, value, message.Model.Fields, version);
            Assert.True(
                Golden.TryGetValue((name, version), out var expected),
                $"There are no golden bytes of {name} version {version}: run java/GoldenMessages.java with a Kafka that has it");
            var actual = Convert.ToHexStringLower(GeneratedMessage.Encode(value, version));
            Assert.True(expected == actual, $"{name} version {version}: Kafka writes\n{expected}, here it is\n{actual}");
            var read = message.Read(Convert.FromHexString(expected), version, out var remaining);
            Assert.Equal(0, remaining);
            Assert.Null(Graph.Difference(value, read));
        }
    }

    private static void Fill(GeneratedMessage message, object target, List<FieldModel> fields, short version)
    {
        foreach (var field in fields.Where(f => f.Versions.Contains(version)))
        {
            var property = target.GetType().GetProperty(field.Name)!;
            var value = Value(message, field, version);
            if (field.IsArray)
            {
                var items = Array.CreateInstance(value.GetType(), 1);
                items.SetValue(value, 0);
                value = items;
            }

            property.SetValue(target, value);
        }
    }

    private static object Value(GeneratedMessage message, FieldModel field, short version)
    {
        if (field.Struct is { } structure)
        {
            var value = Activator.CreateInstance(message.StructType(structure.Name))!;
            Fill(message, value, structure.Fields, version);
            return value;
        }

        return field.Type switch
        {
            "bool" => true,
            "int8" => (sbyte)3,
            "int16" => (short)517,
            "int32" => 67_305_985,
            // Java has no unsigned types: of the wider one's value the low half is written.
            "uint16" => (ushort)513,
            "uint32" => 0u,
            "float64" => 0.75,
            "int64" => 578_437_695_752_307_201,
            "string" => "größe",
            "uuid" => new Uuid(5, 6),
            "bytes" => new byte[] { 7, 8, 9 },
            "records" => new ReadOnlyMemory<byte>([7, 8, 9]),
            var other => throw new NotSupportedException(other),
        };
    }

    private static Dictionary<(string Name, short Version), string> Load()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "fixtures", "golden-messages.txt.gz"));
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        return text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(words => (words[0], short.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture)), words => words[2]);
    }
}
