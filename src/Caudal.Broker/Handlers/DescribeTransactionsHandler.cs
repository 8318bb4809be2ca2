// DescribeTransactions (65), version 0. An id that is not known: TRANSACTIONAL_ID_NOT_FOUND.
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Describes transactional ids.</summary>
internal sealed class DescribeTransactionsHandler(TransactionCoordinator transactions, Coordinators coordinators)
    : RequestHandler<DescribeTransactionsRequest, DescribeTransactionsResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<DescribeTransactionsResponse?> HandleAsync(
        RequestContext context, DescribeTransactionsRequest request, Reply reply)
    {
        var response = transactions.Describe(request);
        for (var i = 0; i < response.TransactionStates.Length; i++)
        {
            var id = request.TransactionalIds[i];
            if (coordinators.CheckTransaction(context, id) is var elsewhere and not ErrorCode.None)
                response.TransactionStates[i] = new() { TransactionalId = id, TransactionState = "", ErrorCode = (short)elsewhere };
        }

        return new(response);
    }
}
