using Caudal.Broker.Network;
using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <content>OffsetDelete: offsets that an administrator takes from a group which does not use them.</content>
internal sealed partial class GroupCoordinator
{
    /// <summary>Forgets offsets; answered when that is in the log.</summary>
    /// <exception cref="OperationCanceledException">The client went away; the offsets are forgotten all the same.</exception>
    public async ValueTask<OffsetDeleteResponse> DeleteOffsetsAsync(RequestContext context, OffsetDeleteRequest request)
    {
        Task<ErrorCode> deletion;
        OffsetDeleteResponse.OffsetDeleteResponseTopic[] topics;
        lock (_gate)
        {
            if (CheckOffsetDelete_UnderLock(request.GroupId, out var group) is var error and not ErrorCode.None)
                return new OffsetDeleteResponse { ErrorCode = (short)error };
            // Null: nobody can tell what the members read, so nothing may go while there are any.
            var isEmpty = group!.State == GroupState.Empty;
            var subscribed = isEmpty ? [] : OffsetsExpiry.SubscribedTopics(group);
            var present = group.Offsets.AllKeys().ToHashSet();
            var forgotten = new List<PartitionKey>();
            topics = Array.ConvertAll(request.Topics, topic =>
            {
                var exists = _topics.TryGetTopic(topic.Name, out _, out var count);
                var inUse = subscribed?.Contains(topic.Name) != false;
                return new OffsetDeleteResponse.OffsetDeleteResponseTopic
                {
                    Name = topic.Name,
                    Partitions = Array.ConvertAll(topic.Partitions, partition =>
                    {
                        var number = partition.PartitionIndex;
                        var fault = !exists || (uint)number >= (uint)count ? ErrorCode.UnknownTopicOrPartition
                            : inUse ? ErrorCode.GroupSubscribedToTopic
                            : ErrorCode.None;
                        if (fault == ErrorCode.None && present.Contains(new PartitionKey(topic.Name, number)))
                            forgotten.Add(new PartitionKey(topic.Name, number));
                        return new OffsetDeleteResponse.OffsetDeleteResponsePartition
                        {
                            PartitionIndex = number,
                            ErrorCode = (short)fault,
                        };
                    }),
                };
            });
            deletion = forgotten.Count == 0 ? Task.FromResult(ErrorCode.None) : ForgetOffsets_UnderLock(group, forgotten);
        }

        var outcome = await deletion.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        return outcome == ErrorCode.None
            ? new OffsetDeleteResponse { Topics = topics }
            : new OffsetDeleteResponse { ErrorCode = (short)outcome };
    }

    private ErrorCode CheckOffsetDelete_UnderLock(string groupId, out Group? group)
    {
        group = null;
        if (_isStopped)
            return ErrorCode.CoordinatorNotAvailable;
        if (groupId.Length == 0)
            return ErrorCode.InvalidGroupId;
        if (!_groups.TryGetValue(groupId, out group))
            return ErrorCode.GroupIdNotFound;
        // What members of other protocols read is theirs to know.
        return group.State == GroupState.Empty || group.ProtocolType == OffsetsExpiry.ConsumerProtocolType
            ? ErrorCode.None
            : ErrorCode.NonEmptyGroup;
    }
}
