// DeleteTopics (20), versions 0-6.
// * By name (all versions) or by id (version 6). A topic named twice, or by name and id at once, is INVALID_REQUEST.
// * delete.topic.enable=false answers TOPIC_DELETION_DISABLED, before version 3 INVALID_REQUEST.
// * Done when answered: the topic is gone from metadata, fetches that wait on it are answered, and a new topic of the name starts empty
//   with a new id.
using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Deletes topics.</summary>
internal sealed class DeleteTopicsHandler(TopicRegistry topics, ConfigStore configs)
    : RequestHandler<DeleteTopicsRequest, DeleteTopicsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<DeleteTopicsResponse?> HandleAsync(RequestContext context, DeleteTopicsRequest request, Reply reply)
    {
        var asked = context.ApiVersion >= 6
            ? request.Topics
            : Array.ConvertAll(request.TopicNames, name => new DeleteTopicsRequest.DeleteTopicState { Name = name });
        var results = new List<DeleteTopicsResponse.DeletableTopicResult>(asked.Length);
        foreach (var same in asked.GroupBy(t => (t.Name, t.TopicId)))
        {
            var (name, id) = same.Key;
            results.Add(same.Skip(1).Any()
                ? Result(name, id, ErrorCode.InvalidRequest, "Duplicate topic.")
                : await DeleteAsync(name, id, context.ApiVersion).ConfigureAwait(false));
        }

        return new DeleteTopicsResponse { Responses = [.. results] };
    }

    private async ValueTask<DeleteTopicsResponse.DeletableTopicResult> DeleteAsync(string? name, Uuid id, short version)
    {
        if (!configs.GetBoolean("delete.topic.enable"))
        {
            return version < 3
                ? Result(name, id, ErrorCode.InvalidRequest, "Topic deletion is disabled.")
                : Result(name, id, ErrorCode.TopicDeletionDisabled, "Topic deletion is disabled.");
        }

        if (name is not null && id != Uuid.Zero)
            return Result(name, id, ErrorCode.InvalidRequest, "You may not specify both topic name and topic id.");
        Topic? topic;
        if (name is not null)
        {
            if (!topics.TryGet(name, out topic))
                return Result(name, id, ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.");
        }
        else if (!topics.TryGet(id, out topic))
        {
            return Result(null, id, ErrorCode.UnknownTopicId, "This server does not host this topic ID.");
        }

        var error = await topics.DeleteAsync(topic).ConfigureAwait(false);
        return Result(topic.Name, topic.Id, error, null);
    }

    private static DeleteTopicsResponse.DeletableTopicResult Result(string? name, Uuid id, ErrorCode error, string? message) =>
        new() { Name = name, TopicId = id, ErrorCode = (short)error, ErrorMessage = message };
}
