using System.Reflection;
using Caudal.Protocol.Generator;

namespace Caudal.Protocol.Tests.Generated;

/// <summary>A generated type beside the schema that it was generated from.</summary>
internal sealed class GeneratedMessage
{
    private delegate object Reader(ReadOnlyMemory<byte> bytes, short version, out int remaining);

    private static readonly MethodInfo ReadMethod =
        typeof(GeneratedMessage).GetMethod(nameof(ReadAs), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly Type _type;
    private readonly Reader _read;

    private GeneratedMessage(MessageModel model)
    {
        Model = model;
        _type = typeof(IKafkaMessage).Assembly.GetType($"Caudal.Protocol.Messages.{model.Name}", throwOnError: true)!;
        _read = ReadMethod.MakeGenericMethod(_type).CreateDelegate<Reader>();
    }

    /// <summary>Every message of every schema.</summary>
    public static IReadOnlyList<GeneratedMessage> All { get; } = Load();

    public MessageModel Model { get; }

    public string Name => Model.Name;

    /// <summary>Every version of the message.</summary>
    public IEnumerable<short> Versions =>
        Enumerable.Range(Model.Versions.Min, Model.Versions.Max - Model.Versions.Min + 1).Select(v => (short)v);

    public static GeneratedMessage Named(string name) => All.Single(m => m.Name == name);

    public IKafkaMessage Create() => (IKafkaMessage)Activator.CreateInstance(_type)!;

    /// <summary>The class of a struct of the message.</summary>
    public Type StructType(string name) => _type.GetNestedType(name) ?? throw new InvalidOperationException($"{Name} has no class {name}.");

    /// <summary>Reads the message and tells how many bytes it left.</summary>
    public object Read(ReadOnlyMemory<byte> bytes, short version, out int remaining) => _read(bytes, version, out remaining);

    public static byte[] Encode(IKafkaMessage message, short version)
    {
        using var frame = new FrameBuffer();
        var writer = new KafkaWriter(frame);
        message.Write(ref writer, version);
        writer.Flush();
        return frame.ToArray();
    }

    private static T ReadAs<T>(ReadOnlyMemory<byte> bytes, short version, out int remaining)
        where T : IKafkaMessage<T>
    {
        var reader = new KafkaReader(bytes);
        var message = T.Read(ref reader, version);
        remaining = reader.Remaining;
        return message;
    }

    private static List<GeneratedMessage> Load()
    {
        var root = typeof(GeneratedMessage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(entry => entry.Key == "RepositoryRoot").Value!;
        return [.. Directory.GetFiles(Path.Combine(root, "schemas"), "*.kafka").Order(StringComparer.Ordinal)
            .SelectMany(file => SchemaParser.Parse(File.ReadAllText(file)).Messages)
            .Select(model => new GeneratedMessage(model))];
    }
}
