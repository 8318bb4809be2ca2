using Caudal.Broker.Network;
using Caudal.Protocol;

namespace Caudal.Broker.Handlers;

/// <summary>Serves one API of Kafka's protocol. One object a broker, used by all connections at once.</summary>
internal abstract class RequestHandler
{
    /// <summary>The API, and the versions that are served.</summary>
    public abstract ApiVersionRange Served { get; }

    /// <summary>The lowest version that ApiVersions tells; below <see cref="Served"/> where clients insist on seeing it.</summary>
    public virtual short AdvertisedMin => Served.Min;

    /// <summary>Reads the request behind the header and answers it.</summary>
    /// <exception cref="ProtocolException">The request is malformed: the connection is closed.</exception>
    public abstract ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> frame, int bodyStart, Reply reply);

    /// <summary>Reads a request whose header has been read already.</summary>
    protected static TRequest Read<TRequest>(ReadOnlyMemory<byte> frame, int bodyStart, short version)
        where TRequest : IKafkaMessage<TRequest>
    {
        var reader = new KafkaReader(frame);
        reader.SkipTo(bodyStart);
        return TRequest.Read(ref reader, version);
    }
}

/// <summary>Serves one API whose request and response are the generated messages.</summary>
internal abstract class RequestHandler<TRequest, TResponse> : RequestHandler
    where TRequest : IKafkaRequest<TRequest, TResponse>
    where TResponse : IKafkaMessage<TResponse>
{
    /// <inheritdoc/>
    public override ApiVersionRange Served { get; } = new(
        TRequest.ApiKey, TRequest.MinVersion, TRequest.MaxVersion, TRequest.FirstFlexibleVersion);

    /// <inheritdoc/>
    public sealed override async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> frame, int bodyStart, Reply reply)
    {
        var request = Read<TRequest>(frame, bodyStart, context.ApiVersion);
        if (await HandleAsync(context, request, reply).ConfigureAwait(false) is { } response)
            reply.Write(response);
    }

    /// <summary>Answers the request.</summary>
    /// <returns>The response; null to send none.</returns>
    protected abstract ValueTask<TResponse?> HandleAsync(RequestContext context, TRequest request, Reply reply);
}
