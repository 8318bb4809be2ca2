// CreatePartitions (37), versions 0-3.
// * The count is that afterwards; it must grow (INVALID_PARTITIONS). Assignments must name nodes that exist, as many as the
//   other partitions have, for each new partition.
// * The next Metadata answer already shows the new partitions.
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Adds partitions to topics.</summary>
internal sealed class CreatePartitionsHandler(TopicRegistry topics)
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
        var assignments = asked.Assignments is { } given ? Array.ConvertAll(given, assignment => assignment.BrokerIds) : null;
        var outcome = await topics.AddPartitionsAsync(asked.Name, asked.Count, validateOnly, assignments).ConfigureAwait(false);
        return Result(asked.Name, outcome.Error, outcome.Message);
    }

    private static CreatePartitionsResponse.CreatePartitionsTopicResult Result(string name, ErrorCode error, string? message) =>
        new() { Name = name, ErrorCode = (short)error, ErrorMessage = message };
}
