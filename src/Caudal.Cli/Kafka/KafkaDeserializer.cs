using System.Buffers;
using System.Buffers.Binary;
using Caudal.Cli.Output;

namespace Caudal.Cli.Kafka;

/// <summary>Shows bytes as one of Kafka's deserializers would.</summary>
internal delegate void KafkaDeserializer(ReadOnlySpan<byte> data, IBufferWriter<byte> output);

/// <summary>The deserializers of Kafka's tools that are known here, by the names of their classes.</summary>
internal static class KafkaDeserializers
{
    private const string Package = "org.apache.kafka.common.serialization.";

    /// <summary>Bytes as they are: what Kafka's tools do when no deserializer is named, and for strings.</summary>
    public static KafkaDeserializer Raw { get; } = static (data, output) => output.Write(data);

    /// <summary>Finds a deserializer.</summary>
    /// <exception cref="CommandException">There is none of that name here.</exception>
    public static KafkaDeserializer Find(string name) => name.Replace(Package, "", StringComparison.Ordinal) switch
    {
        "StringDeserializer" => Raw,
        "ShortDeserializer" =>
            static (data, output) => output.WriteNumber(BinaryPrimitives.ReadInt16BigEndian(Exactly(data, sizeof(short)))),
        "IntegerDeserializer" =>
            static (data, output) => output.WriteNumber(BinaryPrimitives.ReadInt32BigEndian(Exactly(data, sizeof(int)))),
        "LongDeserializer" =>
            static (data, output) => output.WriteNumber(BinaryPrimitives.ReadInt64BigEndian(Exactly(data, sizeof(long)))),
        _ => throw new CommandException(
            $"the deserializer {name} is not supported. Use {Package}StringDeserializer, ShortDeserializer, IntegerDeserializer or " +
            "LongDeserializer.",
            CaudalCommand.WrongUse),
    };

    private static ReadOnlySpan<byte> Exactly(ReadOnlySpan<byte> data, int size) => data.Length == size
        ? data
        : throw new CommandException(
            $"a record has {data.Length} bytes where its deserializer expects {size}. --skip-message-on-error skips such records.");
}
