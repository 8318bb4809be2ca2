using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Groups;

/// <content>What the log knows of groups: written at the end of each rebalance, read once at the start.</content>
internal sealed partial class GroupCoordinator
{
    private const short OldOffsetKeyType = 0;

    /// <summary>
    /// Reads all groups and offsets from the log, and begins to watch over sessions and ages. Call it once, before any request.
    /// </summary>
    /// <remarks>
    /// The members of a group are taken over with fresh sessions, as Kafka does: those that are still there go on as if nothing had
    /// happened, the others time out.
    /// A record that cannot be read is logged and skipped. Offsets of topics that do not exist any more are forgotten.
    /// </remarks>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        var groups = new Dictionary<string, GroupMetadataValue>();
        await _log.ReadAllAsync(entry => Replay(groups, entry), cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var (groupId, value) in groups)
                Restore_UnderLock(GetOrCreate_UnderLock(groupId), value);
            // What is left without offsets was created by records that were deleted later.
            foreach (var group in _groups.Values.Where(group => group.Offsets.IsEmpty && !groups.ContainsKey(group.Id)).ToArray())
                _groups.Remove(group.Id);
            ForgetDeletedTopics_UnderLock();
            _deadlines.Set(_expiry, (long)_options.OffsetsRetentionCheckInterval.TotalMilliseconds);
            Log.Loaded(_logger, _groups.Count);
        }
    }

    private void Store_UnderLock(Group group, Func<Member, byte[]> assignmentOf, Action<ErrorCode> completed)
    {
        var value = new GroupMetadataValue
        {
            ProtocolType = group.ProtocolType ?? "",
            Generation = group.Generation,
            Protocol = group.ProtocolName,
            Leader = group.LeaderId,
            CurrentStateTimestamp = group.StateSinceMs,
            Members = [.. group.Members.Values.Select(member => new GroupMetadataValue.MemberMetadata
            {
                MemberId = member.Id,
                GroupInstanceId = member.InstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                RebalanceTimeout = member.RebalanceTimeoutMs,
                SessionTimeout = member.SessionTimeoutMs,
                Subscription = member.MetadataFor(group.ProtocolName),
                Assignment = assignmentOf(member),
            })],
        };
        Write_UnderLock(group.Id, [OffsetsRecords.Store(group.Id, value, NowMs)], completed);
    }

    private void Replay(Dictionary<string, GroupMetadataValue> groups, StateEntry entry)
    {
        if (entry.Marker is { } marker)
        {
            lock (_gate)
                EndTransaction_UnderLock(entry.Partition, entry.ProducerId, marker == ControlRecordType.Commit);
            return;
        }

        try
        {
            switch (StateRecord.KeyType(entry.Key))
            {
                case OldOffsetKeyType or OffsetsRecords.OffsetKeyType:
                    ReplayOffset(StateRecord.Decode<OffsetCommitKey>(entry.Key, 0), entry);
                    break;
                case OffsetsRecords.GroupKeyType:
                    var groupId = StateRecord.Decode<GroupMetadataKey>(entry.Key, 0).Group;
                    if (entry.Value is { } stored)
                        groups[groupId] = StateRecord.Decode<GroupMetadataValue>(stored);
                    else
                        groups.Remove(groupId);
                    break;
                case var type:
                    Log.Skipped(_logger, $"its key has type {type}, which belongs to no classic group.");
                    break;
            }
        }
        catch (KafkaException e)
        {
            Log.Skipped(_logger, e.Message);
        }
    }

    private void ReplayOffset(OffsetCommitKey key, StateEntry entry)
    {
        var partition = new PartitionKey(key.Topic, key.Partition);
        var stored = entry.Value is { } bytes ? StateRecord.Decode<OffsetCommitValue>(bytes) : null;
        lock (_gate)
        {
            var group = GetOrCreate_UnderLock(key.Group);
            if (stored is null)
            {
                group.Offsets.Remove(partition);
            }
            else if (entry.ProducerId >= 0)
            {
                GroupsOf_UnderLock(entry.Partition, entry.ProducerId).Add(group);
                group.Offsets.SetTransactional(entry.ProducerId, partition, Restored_UnderLock(stored));
            }
            else
            {
                group.Offsets.Set(partition, Restored_UnderLock(stored));
            }
        }
    }

    private CommittedOffset Restored_UnderLock(OffsetCommitValue stored) =>
        new(stored.Offset, stored.LeaderEpoch, stored.Metadata, stored.CommitTimestamp, stored.TopicId, stored.ExpireTimestamp)
        {
            Order = ++_order,
        };

    private void Restore_UnderLock(Group group, GroupMetadataValue value)
    {
        foreach (var stored in value.Members)
        {
            // Only the protocol that was chosen is in the log. Who joins again with more of them starts a rebalance.
            var member = new Member(stored.MemberId, stored.GroupInstanceId, expired => OnSessionEnded(group, expired))
            {
                ClientId = stored.ClientId,
                ClientHost = stored.ClientHost,
                SessionTimeoutMs = stored.SessionTimeout,
                RebalanceTimeoutMs = stored.RebalanceTimeout >= 0 ? stored.RebalanceTimeout : stored.SessionTimeout,
                Protocols = [new JoinGroupRequest.JoinGroupRequestProtocol { Name = value.Protocol ?? "", Metadata = stored.Subscription }],
                Assignment = stored.Assignment,
            };
            group.Add(member, value.ProtocolType);
            Touch_UnderLock(member);
        }

        group.ProtocolType = value.ProtocolType.Length > 0 ? value.ProtocolType : null;
        group.ProtocolName = value.Protocol;
        group.Generation = value.Generation;
        if (value.Leader is { } leader && group.Members.ContainsKey(leader))
            group.LeaderId = leader;
        group.Enter(group.Members.Count > 0 ? GroupState.Stable : GroupState.Empty, value.CurrentStateTimestamp);
    }

    // A crash may come between the end of a topic and the end of its offsets: a new topic of the name must not inherit them.
    private void ForgetDeletedTopics_UnderLock()
    {
        foreach (var group in _groups.Values)
        {
            var orphans = group.Offsets.AllKeys().FindAll(key =>
                IsOrphan(key, group.Offsets.Find(key.Topic, key.Partition)?.TopicId ?? Uuid.Zero));
            if (orphans.Count > 0)
                ForgetOffsets_UnderLock(group, orphans);
        }

        bool IsOrphan(PartitionKey key, Uuid id) =>
            !_topics.TryGetTopic(key.Topic, out var present, out _) || (id != Uuid.Zero && id != present);
    }
}
