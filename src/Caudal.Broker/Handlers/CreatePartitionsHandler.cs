// CreatePartitions (37), versions 0-3.
// * The count is that afterwards; it must grow (INVALID_PARTITIONS). Assignments must list one broker, this one, for each new partition.
// * The next Metadata answer already shows the new partitions.
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Adds partitions to topics.</summary>
internal sealed class CreatePartitionsHandler(BrokerIdentity identity, TopicRegistry topics)
    : RequestHandler<CreatePartitionsRequest, CreatePartitionsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<CreatePartitionsResponse?> HandleAsync(
        RequestContext context, CreatePartitionsRequest request, Reply reply)
    {
        var results = new List<CreatePartitionsResponse.CreatePartitionsTopicResult>(request.Topics.Length);
        foreach (var sameName in request.Topics.GroupBy(t => t.Name, StringComparer.Ordinal))
        {
            results.Add(sameName.Skip(1).Any()
                ? Result(sameName.Key, ErrorCode.InvalidRequest, "Duplicate topic name.")
                : await AddAsync(sameName.First(), request.ValidateOnly).ConfigureAwait(false));
        }

        return new CreatePartitionsResponse { Results = [.. results] };
    }

    private async ValueTask<CreatePartitionsResponse.CreatePartitionsTopicResult> AddAsync(
        CreatePartitionsRequest.CreatePartitionsTopic asked, bool validateOnly)
    {
        if (asked.Assignments is { } assignments && topics.TryGet(asked.Name, out var topic))
        {
            var added = asked.Count - topic.Partitions.Length;
            if (added > 0 && assignments.Length != added)
            {
                return Result(asked.Name, ErrorCode.InvalidReplicaAssignment,
                    $"Attempted to add {added} additional partition(s), but {assignments.Length} assignment(s) were specified.");
            }

            if (assignments.Any(a => a.BrokerIds.Length != 1 || a.BrokerIds[0] != identity.NodeId))
            {
                return Result(
                    asked.Name, ErrorCode.InvalidReplicaAssignment, $"Each assignment must name broker {identity.NodeId}, the only one.");
            }
        }

        var outcome = await topics.AddPartitionsAsync(asked.Name, asked.Count, validateOnly).ConfigureAwait(false);
        return Result(asked.Name, outcome.Error, outcome.Message);
    }

    private static CreatePartitionsResponse.CreatePartitionsTopicResult Result(string name, ErrorCode error, string? message) =>
        new() { Name = name, ErrorCode = (short)error, ErrorMessage = message };
}
