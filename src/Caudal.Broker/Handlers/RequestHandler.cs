using Caudal.Broker.Answers;
using Caudal.Broker.Faults;
using Caudal.Broker.Network;
using Caudal.Broker.Releases;
using Caudal.Protocol;

namespace Caudal.Broker.Handlers;

/// <summary>Serves one API of Kafka's protocol. One object a broker, used by all connections at once.</summary>
internal abstract class RequestHandler
{
    /// <summary>The API, and the versions that are served.</summary>
    public abstract ApiVersionRange Served { get; }

    /// <summary>The lowest version that ApiVersions tells; below <see cref="Served"/> where clients insist on seeing it.</summary>
    public virtual short AdvertisedMin => Served.Min;

    /// <summary>The versions that clients are told, and served of those that are known here.</summary>
    /// <param name="release">The release to act as; null for everything that is known.</param>
    /// <returns>The lowest and the highest version; null if the release does not have the API.</returns>
    public (short Min, short Max)? Advertised(KafkaRelease? release)
    {
        if (release is null)
            return (AdvertisedMin, Served.Max);
        return release.Versions(Served.Key) is var (min, max) ? (min, Math.Min(max, Served.Max)) : null;
    }

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
    public override async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> frame, int bodyStart, Reply reply)
    {
        var request = Read<TRequest>(frame, bodyStart, context.ApiVersion);
        if (context.Faults is { } faults)
            await HandleAsync(context, request, reply, faults).ConfigureAwait(false);
        else if (await HandleAsync(context, request, reply).ConfigureAwait(false) is { } response)
            reply.Write(response);
    }

    /// <summary>What a request is about, for faults that strike topics or partitions.</summary>
    protected virtual IEnumerable<NamedPartition> PartitionsOf(TRequest request) => Answer?.Partitions(request) ?? [];

    /// <summary>Answers the request.</summary>
    /// <returns>The response; null to send none.</returns>
    protected abstract ValueTask<TResponse?> HandleAsync(RequestContext context, TRequest request, Reply reply);

    private static ErrorAnswer<TRequest, TResponse>? Answer => ErrorAnswers.Find<TRequest, TResponse>(TRequest.ApiKey);

    private async ValueTask HandleAsync(RequestContext context, TRequest request, Reply reply, RequestFaults faults)
    {
        var plan = faults.Take(PartitionsOf(request));
        if (plan.Delay > TimeSpan.Zero)
            await Task.Delay(plan.Delay, faults.Time, context.CancellationToken).ConfigureAwait(false);
        if (await EndsAsync(FaultMoment.Before).ConfigureAwait(false))
            return;
        var response = plan.Error != ErrorCode.None && Answer is { } answer
            ? answer.Fail(request, context.ApiVersion, plan.Error)
            : await HandleAsync(context, request, reply).ConfigureAwait(false);
        if (await EndsAsync(FaultMoment.After).ConfigureAwait(false) || response is null)
            return;
        if (plan.Throttle > TimeSpan.Zero)
        {
            Answer?.Throttle(response, (int)plan.Throttle.TotalMilliseconds);
            reply.MuteFor = plan.Throttle;
        }

        reply.Write(response);

        async ValueTask<bool> EndsAsync(FaultMoment moment)
        {
            if (plan.Cut == moment)
            {
                reply.CloseConnection();
                return true;
            }

            // Until the client gives up, or the broker stops.
            if (plan.Lost == moment)
                await Task.Delay(Timeout.InfiniteTimeSpan, faults.Time, context.CancellationToken).ConfigureAwait(false);
            return false;
        }
    }
}
