// ApiVersions (18), versions 0-4.
// * A version that is not known here is answered in version 0's layout with UNSUPPORTED_VERSION and the list, so that clients can come down
//   (KIP-511).
// * The response's header is always version 0; its body is flexible from version 3 on.
// * Produce is advertised from version 0: librdkafka up to 2.10 takes a higher minimum as a sign of a broker without compression
//   (KAFKA-18659).
// * Features: see Features. One whose lowest level is 0 is not told as supported before version 4, since older clients stumble over it.
using Caudal.Broker.Admin;
using Caudal.Broker.Network;
using Caudal.Broker.Releases;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Tells clients which versions of which APIs are served.</summary>
internal sealed class ApiVersionsHandler(Features features) : RequestHandler<ApiVersionsRequest, ApiVersionsResponse>
{
    private ApiVersionsResponse.ApiVersion[] _keys = [];
    private short _max;

    /// <summary>Takes the APIs to tell about, this one included.</summary>
    /// <param name="handlers">What is served.</param>
    /// <param name="release">The release of Kafka to act as; null for everything that is known.</param>
    public void Advertise(IEnumerable<RequestHandler> handlers, KafkaRelease? release)
    {
        _keys = [.. handlers.OrderBy(h => h.Served.Key).SelectMany(handler => Describe(handler, release))];
        _max = Advertised(release)?.Max ?? Served.Max;
    }

    /// <inheritdoc/>
    public override ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> frame, int bodyStart, Reply reply)
    {
        if (context.ApiVersion > _max)
        {
            reply.Write(new ApiVersionsResponse { ErrorCode = (short)ErrorCode.UnsupportedVersion, ApiKeys = _keys }, 0);
            return ValueTask.CompletedTask;
        }

        return base.HandleAsync(context, frame, bodyStart, reply);
    }

    /// <inheritdoc/>
    protected override ValueTask<ApiVersionsResponse?> HandleAsync(RequestContext context, ApiVersionsRequest request, Reply reply)
    {
        var valid = context.ApiVersion < 3 || (IsName(request.ClientSoftwareName) && IsName(request.ClientSoftwareVersion));
        return new(valid
            ? Answer(context.ApiVersion)
            : new ApiVersionsResponse { ErrorCode = (short)ErrorCode.InvalidRequest });
    }

    private ApiVersionsResponse Answer(short version)
    {
        var response = new ApiVersionsResponse { ApiKeys = _keys };
        if (version < 3)
            return response;
        response.FinalizedFeaturesEpoch = features.Epoch;
        response.SupportedFeatures =
        [
            .. features.Supported.Where(f => f.Min > 0 || version >= 4).Select(static f =>
                new ApiVersionsResponse.SupportedFeatureKey { Name = f.Name, MinVersion = f.Min, MaxVersion = f.Max }),
        ];
        response.FinalizedFeatures =
        [
            .. features.Supported.Where(f => features.LevelOf(f.Name) > 0).Select(f => new ApiVersionsResponse.FinalizedFeatureKey
            {
                Name = f.Name,
                MinVersionLevel = features.LevelOf(f.Name),
                MaxVersionLevel = features.LevelOf(f.Name),
            }),
        ];
        return response;
    }

    private static IEnumerable<ApiVersionsResponse.ApiVersion> Describe(RequestHandler handler, KafkaRelease? release)
    {
        if (handler.Advertised(release) is var (min, max))
            yield return new() { ApiKey = (short)handler.Served.Key, MinVersion = min, MaxVersion = max };
    }

    // Letters and digits, with dashes and dots between them (KIP-511).
    private static bool IsName(string name)
    {
        if (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0]) || !char.IsAsciiLetterOrDigit(name[^1]))
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.'))
                return false;
        }

        return true;
    }
}
