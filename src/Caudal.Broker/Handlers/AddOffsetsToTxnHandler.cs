// AddOffsetsToTxn (25), versions 0-4: adds the partition of __consumer_offsets that keeps a group's offsets to the transaction.
// * PRODUCER_FENCED came with version 2; older ones are told INVALID_PRODUCER_EPOCH.
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Adds a group's offsets to a transaction.</summary>
internal sealed class AddOffsetsToTxnHandler(TransactionCoordinator transactions, GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<AddOffsetsToTxnResponse?> HandleAsync(
        RequestContext context, AddOffsetsToTxnRequest request, Reply reply)
    {
        var error = coordinators.CheckTransaction(context, request.TransactionalId);
        if (error == ErrorCode.None)
        {
            var partition = groups.OffsetsPartitionOf(request.GroupId);
            error = await transactions.AddAsync(request.TransactionalId, request.ProducerId, request.ProducerEpoch, [partition], 0)
                .ConfigureAwait(false);
        }

        if (error == ErrorCode.ProducerFenced && context.ApiVersion < 2)
            error = ErrorCode.InvalidProducerEpoch;
        return new AddOffsetsToTxnResponse { ErrorCode = (short)error };
    }
}
