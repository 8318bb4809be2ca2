using Caudal.Broker.Handlers;
using Caudal.Protocol;

namespace Caudal.Broker.Network;

/// <summary>Finds the handler of a request by its header.</summary>
internal sealed class RequestDispatcher
{
    private readonly RequestHandler?[] _handlers;

    /// <summary>Serves what the given handlers serve.</summary>
    public RequestDispatcher(IEnumerable<RequestHandler> handlers)
    {
        _handlers = new RequestHandler?[128];
        foreach (var handler in handlers)
            _handlers[(int)handler.Served.Key] = handler;
    }

    /// <summary>Reads the header of a request.</summary>
    /// <exception cref="ProtocolException">The header is malformed, or the API or its version is not served: the connection is to be
    /// closed.</exception>
    public RequestStart Start(ReadOnlyMemory<byte> frame)
    {
        var reader = new KafkaReader(frame);
        reader.Enter("RequestHeader", 1);
        var key = reader.ReadInt16("RequestApiKey");
        var version = reader.ReadInt16("RequestApiVersion");
        var correlationId = reader.ReadInt32("CorrelationId");
        var handler = (uint)key < (uint)_handlers.Length ? _handlers[key] : null;
        if (handler is null)
            throw new ProtocolException($"The API with key {key} is not served (request version {version}).");
        var served = handler.Served;
        if (version < served.Min || version > served.Max)
        {
            // KIP-511: the header of a version that is not known here cannot be read beyond this point, and need not be.
            if (served.Key == ApiKey.ApiVersions && version > served.Max)
                return new RequestStart(handler, version, correlationId, "", frame.Length);
            throw new ProtocolException($"{served.Key} version {version} is not served; versions {served.Min} to {served.Max} are.");
        }

        // The client's name keeps its old encoding in flexible headers too, so that brokers can read it whatever the version (KIP-482).
        var clientId = reader.ReadNullableString(false, "ClientId");
        if (version >= served.FirstFlexible)
            reader.SkipTags();
        return new RequestStart(handler, version, correlationId, clientId ?? "", reader.Position);
    }
}

/// <summary>The beginning of a request: what its header says, and where its body starts.</summary>
internal readonly record struct RequestStart(RequestHandler Handler, short Version, int CorrelationId, string ClientId, int BodyStart);
