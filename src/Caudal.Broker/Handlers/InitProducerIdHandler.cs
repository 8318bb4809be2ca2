// InitProducerId (22), versions 0-5.
// * Without a transactional id every request gets a new producer id with epoch 0, as in Kafka, also one that names an id of its own
//   (version 3 and later).
// * With a transactional id: UNSUPPORTED_VERSION. Transactions are not served yet, and Kafka's clients end with a clear error on this code.
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Gives idempotent producers their ids.</summary>
internal sealed class InitProducerIdHandler(ProducerIds producerIds) : RequestHandler<InitProducerIdRequest, InitProducerIdResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<InitProducerIdResponse?> HandleAsync(
        RequestContext context, InitProducerIdRequest request, Reply reply)
    {
        if (request.TransactionalId is { } transactionalId)
        {
            var error = transactionalId.Length == 0 ? ErrorCode.InvalidRequest : ErrorCode.UnsupportedVersion;
            return new InitProducerIdResponse { ErrorCode = (short)error, ProducerEpoch = -1 };
        }

        return new InitProducerIdResponse { ProducerId = await producerIds.NextAsync().ConfigureAwait(false), ProducerEpoch = 0 };
    }
}
