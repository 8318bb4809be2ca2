// ListTransactions (66), versions 0-2: the transactional ids that the node which was asked coordinates. Filters by state and producer, from
// version 1 on by age, from version 2 on by a pattern of RE2 (INVALID_REGULAR_EXPRESSION if it is none).
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Lists transactional ids.</summary>
internal sealed class ListTransactionsHandler(TransactionCoordinator transactions, Coordinators coordinators)
    : RequestHandler<ListTransactionsRequest, ListTransactionsResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<ListTransactionsResponse?> HandleAsync(
        RequestContext context, ListTransactionsRequest request, Reply reply)
    {
        var response = transactions.List(request);
        response.TransactionStates = Array.FindAll(
            response.TransactionStates, state => coordinators.CheckTransaction(context, state.TransactionalId) == ErrorCode.None);
        return new(response);
    }
}
