// TxnOffsetCommit (28), versions 0-5. The rules are the group coordinator's; that the group's partition of __consumer_offsets belongs to
// the transaction is made sure of first: version 5 adds it (KIP-890), before it must have been added by AddOffsetsToTxn, else version 4 is
// told TRANSACTION_ABORTABLE and older ones INVALID_TXN_STATE. A fenced producer is told INVALID_PRODUCER_EPOCH.
using Caudal.Broker.Answers;
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Stores offsets that count when a transaction is committed.</summary>
internal sealed class TxnOffsetCommitHandler(TransactionCoordinator transactions, GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<TxnOffsetCommitRequest, TxnOffsetCommitResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<TxnOffsetCommitResponse?> HandleAsync(
        RequestContext context, TxnOffsetCommitRequest request, Reply reply)
    {
        if (coordinators.CheckGroup(context, request.GroupId) is var elsewhere and not ErrorCode.None)
            return ErrorAnswers.Fail(request, context.ApiVersion, elsewhere);
        var join = context.ApiVersion switch
        {
            >= 5 => TransactionJoin.Add,
            4 => TransactionJoin.VerifyAbortable,
            _ => TransactionJoin.Verify,
        };
        while (true)
        {
            var markers = groups.MarkerCount;
            var error = await transactions.JoinAsync(
                request.TransactionalId, request.ProducerId, request.ProducerEpoch, [groups.OffsetsPartitionOf(request.GroupId)], join)
                .ConfigureAwait(false);
            if (error != ErrorCode.None)
                return ErrorAnswers.Fail(request, context.ApiVersion, error);
            if (await groups.CommitAsync(context, request, markers).ConfigureAwait(false) is { } response)
                return response;
        }
    }
}
