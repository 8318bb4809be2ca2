using Caudal.Broker.Handlers;
using Caudal.Broker.Releases;
using Caudal.Protocol;

namespace Caudal.Broker.Network;

/// <summary>Finds the handler of a request by its header.</summary>
internal sealed class RequestDispatcher
{
    private readonly RequestHandler?[] _handlers;
    private readonly KafkaRelease? _release;

    /// <summary>Serves what the given handlers serve.</summary>
    /// <param name="handlers">The handlers.</param>
    /// <param name="faults">The faults that may strike requests.</param>
    /// <param name="release">The release of Kafka to act as; null for everything that is known.</param>
    public RequestDispatcher(IEnumerable<RequestHandler> handlers, BrokerFaults faults, KafkaRelease? release = null)
    {
        Faults = faults;
        _release = release;
        _handlers = new RequestHandler?[128];
        foreach (var handler in handlers)
        {
            if (handler.Advertised(release) is not null)
                _handlers[(int)handler.Served.Key] = handler;
        }
    }

    /// <summary>The faults that may strike requests.</summary>
    public BrokerFaults Faults { get; }

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
        var (min, max) = _release is null ? (served.Min, served.Max) : Limits(handler, _release);
        if (version < min || version > max)
        {
            // KIP-511: the header of a version that is not known here cannot be read beyond this point, and need not be.
            if (served.Key == ApiKey.ApiVersions && version > max)
                return new RequestStart(handler, version, correlationId, "", frame.Length);
            throw new ProtocolException($"{served.Key} version {version} is not served; versions {min} to {max} are.");
        }

        // The client's name keeps its old encoding in flexible headers too, so that brokers can read it whatever the version (KIP-482).
        var clientId = reader.ReadNullableString(false, "ClientId");
        if (version >= served.FirstFlexible)
            reader.SkipTags();
        return new RequestStart(handler, version, correlationId, clientId ?? "", reader.Position);
    }

    private static (short Min, short Max) Limits(RequestHandler handler, KafkaRelease release)
    {
        var (min, max) = handler.Advertised(release)!.Value;
        return (Math.Max(min, handler.Served.Min), max);
    }
}

/// <summary>The beginning of a request: what its header says, and where its body starts.</summary>
internal readonly record struct RequestStart(RequestHandler Handler, short Version, int CorrelationId, string ClientId, int BodyStart);
