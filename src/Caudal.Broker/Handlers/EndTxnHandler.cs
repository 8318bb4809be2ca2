// EndTxn (26), versions 0-5. Answered when the markers are in all partitions, so that the next transaction can begin at once.
// * Version 5 ends a transaction of the second protocol (KIP-890): the answer holds the producer id and epoch to go on with.
// * PRODUCER_FENCED came with version 2; older ones are told INVALID_PRODUCER_EPOCH.
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Commits and aborts transactions.</summary>
internal sealed class EndTxnHandler(TransactionCoordinator transactions, Coordinators coordinators)
    : RequestHandler<EndTxnRequest, EndTxnResponse>
{
    private const short FirstOfSecondProtocol = 5;

    /// <inheritdoc/>
    protected override async ValueTask<EndTxnResponse?> HandleAsync(RequestContext context, EndTxnRequest request, Reply reply)
    {
        if (coordinators.CheckTransaction(context, request.TransactionalId) is var elsewhere and not ErrorCode.None)
            return new EndTxnResponse { ErrorCode = (short)elsewhere };
        var clientVersion = (short)(context.ApiVersion >= FirstOfSecondProtocol ? 2 : 0);
        var next = await transactions.EndAsync(
            request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.Committed, clientVersion).ConfigureAwait(false);
        var error = next.Error == ErrorCode.ProducerFenced && context.ApiVersion < 2 ? ErrorCode.InvalidProducerEpoch : next.Error;
        return new EndTxnResponse { ErrorCode = (short)error, ProducerId = next.ProducerId, ProducerEpoch = next.Epoch };
    }
}
