// ListPartitionReassignments (46), version 0.
// * Nothing ever moves between the brokers of a cluster of one: the list is empty. kafka-topics --describe asks for it each time.
using Caudal.Broker.Network;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Lists the partitions that move between brokers: none.</summary>
internal sealed class ListPartitionReassignmentsHandler
    : RequestHandler<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<ListPartitionReassignmentsResponse?> HandleAsync(
        RequestContext context, ListPartitionReassignmentsRequest request, Reply reply) => new(new ListPartitionReassignmentsResponse());
}
