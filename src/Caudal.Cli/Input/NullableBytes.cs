using System.Buffers;
using Caudal.Client;

namespace Caudal.Cli.Input;

/// <summary>Bytes as they are; null is Kafka's null.</summary>
internal sealed class NullableBytes : ISerializer<ReadOnlyMemory<byte>?>
{
    public static NullableBytes Instance { get; } = new();

    public bool IsNull(ReadOnlyMemory<byte>? value) => value is null;

    public void Serialize(ReadOnlyMemory<byte>? value, IBufferWriter<byte> destination, in SerializationContext context) =>
        destination.Write(value.GetValueOrDefault().Span);
}
