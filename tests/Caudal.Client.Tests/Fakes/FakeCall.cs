using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Fakes;

/// <summary>A request that a fake broker received.</summary>
internal sealed class FakeCall(FakeBroker broker, byte[] frame, int connection)
{
    private readonly (RequestHeader Header, int Body) _head = ReadHeader(frame);

    public FakeBroker Broker => broker;

    /// <summary>The number of the connection, counted from 0 over the whole cluster.</summary>
    public int Connection => connection;

    public ApiKey Key => (ApiKey)_head.Header.RequestApiKey;

    public short Version => _head.Header.RequestApiVersion;

    public int CorrelationId => _head.Header.CorrelationId;

    public T Read<T>()
        where T : IKafkaMessage<T>
    {
        var reader = new KafkaReader(frame.AsMemory(_head.Body));
        return T.Read(ref reader, Version);
    }

    public override string ToString() => $"{Key} v{Version} to {broker.Id}";

    private static (RequestHeader, int) ReadHeader(byte[] frame)
    {
        var peek = new KafkaReader(frame);
        var key = (ApiKey)peek.ReadInt16("key");
        var version = peek.ReadInt16("version");
        var reader = new KafkaReader(frame);
        return (RequestHeader.Read(ref reader, KafkaApis.RequestHeaderVersion(key, version)), reader.Position);
    }
}
