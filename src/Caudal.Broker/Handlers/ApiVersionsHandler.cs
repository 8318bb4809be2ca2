// ApiVersions (18), versions 0-4.
// * A version that is not known here is answered in version 0's layout with UNSUPPORTED_VERSION and the list, so that clients can come down
//   (KIP-511).
// * The response's header is always version 0; its body is flexible from version 3 on.
// * Produce is advertised from version 0: librdkafka up to 2.10 takes a higher minimum as a sign of a broker without compression
//   (KAFKA-18659).
// * No features are finalized: transactions (KIP-890) and the new group protocol (KIP-848) are not offered.
using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Tells clients which versions of which APIs are served.</summary>
internal sealed class ApiVersionsHandler : RequestHandler
{
    private ApiVersionsResponse.ApiVersion[] _keys = [];

    /// <inheritdoc/>
    public override ApiVersionRange Served { get; } = new(
        ApiKey.ApiVersions, 0, ApiVersionsRequest.MaxVersion, ApiVersionsRequest.FirstFlexibleVersion);

    /// <summary>Takes the APIs to tell about, this one included.</summary>
    public void Advertise(IEnumerable<RequestHandler> handlers) => _keys = [.. handlers.OrderBy(h => h.Served.Key).Select(Describe)];

    /// <inheritdoc/>
    public override ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> frame, int bodyStart, Reply reply)
    {
        if (context.ApiVersion > Served.Max)
        {
            reply.Write(new ApiVersionsResponse { ErrorCode = (short)ErrorCode.UnsupportedVersion, ApiKeys = _keys }, 0);
            return ValueTask.CompletedTask;
        }

        var request = Read<ApiVersionsRequest>(frame, bodyStart, context.ApiVersion);
        var valid = context.ApiVersion < 3 || (IsName(request.ClientSoftwareName) && IsName(request.ClientSoftwareVersion));
        reply.Write(valid
            ? new ApiVersionsResponse { ApiKeys = _keys }
            : new ApiVersionsResponse { ErrorCode = (short)ErrorCode.InvalidRequest });
        return ValueTask.CompletedTask;
    }

    private static ApiVersionsResponse.ApiVersion Describe(RequestHandler handler) =>
        new() { ApiKey = (short)handler.Served.Key, MinVersion = handler.AdvertisedMin, MaxVersion = handler.Served.Max };

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
