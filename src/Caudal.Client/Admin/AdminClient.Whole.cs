using Caudal.Client.Admin;
using Caudal.Protocol;

namespace Caudal.Client;

/// <content>Calls that succeed or fail as a whole.</content>
public sealed partial class AdminClient
{
    // Asks again while the error may pass, within default.api.timeout.ms.
    private async ValueTask<TResponse> WholeAsync<TRequest, TResponse>(
        string what,
        BrokerTarget target,
        TRequest request,
        Func<TResponse, short> error,
        Func<TResponse, string?>? message,
        CancellationToken cancellationToken)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        var call = new ItemCall<string, TResponse>(_client, what, [""]);
        var results = await call.RunAsync(
            async token =>
            {
                var response = await SendAsync<TRequest, TResponse>(target, request, token).ConfigureAwait(false);
                call.Settle("", (ErrorCode)error(response), message?.Invoke(response), () => response);
            },
            cancellationToken).ConfigureAwait(false);
        return results[""].GetOrThrow();
    }

    private static BrokerErrorException? Error(short code, string? message, string what, TopicPartition? partition) =>
        (ErrorCode)code == ErrorCode.None
            ? null
            : new BrokerErrorException((ErrorCode)code, what, message, partition?.Topic, partition?.Partition);
}
