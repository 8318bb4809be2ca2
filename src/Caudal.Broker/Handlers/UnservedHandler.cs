// What the protocol knows and the broker does not serve: not told by ApiVersions, and answered with an error to whoever asks all the same.
// Kafka has no such APIs; what it does not know, keys and versions, closes the connection here as there.
// * SaslHandshake and SaslAuthenticate: ILLEGAL_SASL_STATE, as on Kafka's listeners without SASL.
// * All others: UNSUPPORTED_VERSION.
using Caudal.Broker.Answers;
using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Answers the requests of one API with an error.</summary>
internal sealed class UnservedHandler<TRequest, TResponse>(ErrorCode error = ErrorCode.UnsupportedVersion)
    : RequestHandler<TRequest, TResponse>
    where TRequest : IKafkaRequest<TRequest, TResponse>
    where TResponse : IKafkaMessage<TResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<TResponse?> HandleAsync(RequestContext context, TRequest request, Reply reply) =>
        new(ErrorAnswers.Find<TRequest, TResponse>(TRequest.ApiKey)!.Fail(request, context.ApiVersion, error));
}

/// <summary>The APIs that are known but not served.</summary>
internal static class UnservedHandlers
{
    /// <summary>A handler for each of them.</summary>
    public static IEnumerable<RequestHandler> Make() =>
    [
        new UnservedHandler<SaslHandshakeRequest, SaslHandshakeResponse>(ErrorCode.IllegalSaslState),
        new UnservedHandler<SaslAuthenticateRequest, SaslAuthenticateResponse>(ErrorCode.IllegalSaslState),
        new UnservedHandler<CreateDelegationTokenRequest, CreateDelegationTokenResponse>(),
        new UnservedHandler<UnregisterBrokerRequest, UnregisterBrokerResponse>(),
        new UnservedHandler<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(),
        new UnservedHandler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(),
        new UnservedHandler<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse>(),
        new UnservedHandler<PushTelemetryRequest, PushTelemetryResponse>(),
        new UnservedHandler<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse>(),
        new UnservedHandler<ShareGroupDescribeRequest, ShareGroupDescribeResponse>(),
        new UnservedHandler<ShareFetchRequest, ShareFetchResponse>(),
        new UnservedHandler<ShareAcknowledgeRequest, ShareAcknowledgeResponse>(),
        new UnservedHandler<AddRaftVoterRequest, AddRaftVoterResponse>(),
        new UnservedHandler<RemoveRaftVoterRequest, RemoveRaftVoterResponse>(),
        new UnservedHandler<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse>(),
        new UnservedHandler<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>(),
        new UnservedHandler<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse>(),
        new UnservedHandler<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse>(),
        new UnservedHandler<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse>(),
    ];
}
