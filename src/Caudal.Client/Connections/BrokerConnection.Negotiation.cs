using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Connections;

/// <content>The exchange of versions at the start of a connection (KIP-35, KIP-511).</content>
internal sealed partial class BrokerConnection
{
    // Version 3 is the first with the client's name and finalized features and is served since Kafka 2.4; version 4 adds nothing that is
    // used here.
    private const short PreferredVersion = 3;

    private static readonly string SoftwareVersion = typeof(BrokerConnection).Assembly.GetName().Version?.ToString(3) ?? "0";

    private async ValueTask<ApiVersionSet> NegotiateAsync(CancellationToken cancellationToken)
    {
        var request = new ApiVersionsRequest { ClientSoftwareName = "caudal", ClientSoftwareVersion = SoftwareVersion };
        var response = await AskVersionsAsync(request, PreferredVersion, cancellationToken).ConfigureAwait(false);
        if ((ErrorCode)response.ErrorCode == ErrorCode.UnsupportedVersion)
        {
            // KIP-511: the answer to a version that is too new comes in version 0 and lists, if anything, what the broker speaks of this
            // API.
            var max = response.ApiKeys.Where(api => api.ApiKey == (short)ApiKey.ApiVersions).Select(api => api.MaxVersion).FirstOrDefault();
            response = await AskVersionsAsync(request, Math.Min(max, PreferredVersion), cancellationToken).ConfigureAwait(false);
        }

        var error = (ErrorCode)response.ErrorCode;
        return error == ErrorCode.None
            ? new ApiVersionSet(Broker.ToString(), response)
            : throw new BrokerErrorException(error, $"Asking {Broker} for its versions failed");
    }

    private async ValueTask<ApiVersionsResponse> AskVersionsAsync(
        ApiVersionsRequest request,
        short version,
        CancellationToken cancellationToken)
    {
        var pending = await BeginAsync<ApiVersionsRequest, ApiVersionsResponse>(request, version, cancellationToken).ConfigureAwait(false);
        using var response = await pending.ResponseAsync(cancellationToken).ConfigureAwait(false);
        return Read(response);
    }

    private static ApiVersionsResponse Read(RawResponse response)
    {
        var reader = response.OpenBody();
        var peek = response.OpenBody();
        var error = (ErrorCode)peek.ReadInt16("ErrorCode");
        return ApiVersionsResponse.Read(ref reader, error == ErrorCode.UnsupportedVersion ? (short)0 : response.Version);
    }
}
