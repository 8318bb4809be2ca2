// InitProducerId (22), versions 0-5.
// * Without a transactional id every request gets a new producer id with epoch 0, as in Kafka, also one that names an id of its own
//   (version 3 and later).
// * With one, the rules are the transaction coordinator's: the epoch rises and whoever had the transactional id before is fenced.
// * PRODUCER_FENCED came with version 4; older ones are told INVALID_PRODUCER_EPOCH.
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Gives idempotent and transactional producers their ids and epochs.</summary>
internal sealed class InitProducerIdHandler(TransactionCoordinator transactions, Coordinators coordinators)
    : RequestHandler<InitProducerIdRequest, InitProducerIdResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<InitProducerIdResponse?> HandleAsync(
        RequestContext context, InitProducerIdRequest request, Reply reply)
    {
        if (request.TransactionalId is { } id && coordinators.CheckTransaction(context, id) is var elsewhere and not ErrorCode.None)
            return new InitProducerIdResponse { ErrorCode = (short)elsewhere, ProducerEpoch = -1 };
        if ((request.ProducerId == -1) != (request.ProducerEpoch == -1))
            return new InitProducerIdResponse { ErrorCode = (short)ErrorCode.InvalidRequest, ProducerEpoch = -1 };
        (long, short)? present = request.ProducerId == -1 ? null : (request.ProducerId, request.ProducerEpoch);
        var identity = await transactions.InitializeAsync(request.TransactionalId, request.TransactionTimeoutMs, present)
            .ConfigureAwait(false);
        var error = identity.Error == ErrorCode.ProducerFenced && context.ApiVersion < 4 ? ErrorCode.InvalidProducerEpoch : identity.Error;
        return new InitProducerIdResponse { ErrorCode = (short)error, ProducerId = identity.ProducerId, ProducerEpoch = identity.Epoch };
    }
}
