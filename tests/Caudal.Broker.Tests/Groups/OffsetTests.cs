using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Groups;

public class OffsetTests
{
    [Fact]
    public async Task A_committed_offset_is_fetched_with_all_that_was_committed()
    {
        await using var groups = await Coordination.StartAsync();
        Assert.Equal(ErrorCode.None, await groups.CommitAsync(42, metadata: "mine"));
        var request = new OffsetFetchRequest { GroupId = "g", Topics = null };
        var topic = Assert.Single(groups.Coordinator.FetchOffsets(Coordination.Context(7), request).Topics);
        var partition = Assert.Single(topic.Partitions);
        Assert.Equal(
            ("orders", 0, 42L, 7, "mine"),
            (topic.Name, partition.PartitionIndex, partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.Metadata));
    }

    [Fact]
    public async Task A_partition_without_an_offset_is_no_error()
    {
        await using var groups = await Coordination.StartAsync();
        var partition = groups.Coordinator.FetchOffsets(Coordination.Context(1), new OffsetFetchRequest
        {
            GroupId = "none",
            Topics = [new OffsetFetchRequest.OffsetFetchRequestTopic { Name = "orders", PartitionIndexes = [3] }],
        }).Topics[0].Partitions[0];
        Assert.Equal((3, -1L, -1), (partition.PartitionIndex, partition.CommittedOffset, partition.CommittedLeaderEpoch));
        Assert.Equal(("", 0), (partition.Metadata, partition.ErrorCode));
    }

    [Fact]
    public async Task Offsets_are_visible_only_once_they_are_in_the_log()
    {
        await using var groups = await Coordination.StartAsync();
        groups.Log.Hold();
        var commit = groups.CommitAsync(5);
        Assert.Equal(-1, groups.Committed());
        groups.Log.Release();
        Assert.Equal(ErrorCode.None, await commit);
        Assert.Equal(5, groups.Committed());
    }

    [Fact]
    public async Task A_failed_append_changes_nothing()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.CommitAsync(5);
        groups.Log.Error = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, await groups.CommitAsync(6));
        groups.Log.Error = ErrorCode.MessageTooLarge;
        Assert.Equal(ErrorCode.UnknownServerError, await groups.CommitAsync(6));
        Assert.Equal(5, groups.Committed());
    }

    [Fact]
    public async Task Commits_that_gather_are_appended_together_and_the_last_one_counts()
    {
        await using var groups = await Coordination.StartAsync();
        groups.Log.Hold();
        var commits = Enumerable.Range(1, 100).Select(i => groups.CommitAsync(i)).ToArray();
        groups.Log.Release();
        Assert.All(await Task.WhenAll(commits), error => Assert.Equal(ErrorCode.None, error));
        Assert.Equal(100, groups.Committed());
        Assert.True(groups.Log.AppendCount < 100, $"{groups.Log.AppendCount} appends");
    }

    [Fact]
    public async Task Unknown_partitions_and_long_metadata_are_refused_one_by_one()
    {
        await using var groups = await Coordination.StartAsync();
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await groups.CommitAsync(1, topic: "none"));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await groups.CommitAsync(1, partition: 4));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await groups.CommitAsync(1, partition: -1));
        Assert.Equal(ErrorCode.OffsetMetadataTooLarge, await groups.CommitAsync(1, metadata: new string('x', 4097)));
        Assert.Equal(ErrorCode.None, await groups.CommitAsync(1, metadata: new string('x', 4096)));
        Assert.Equal(ErrorCode.None, await groups.CommitAsync(1, metadata: null));
        var response = await groups.Coordinator.CommitAsync(Coordination.Context(9), new OffsetCommitRequest
        {
            GroupId = "g",
            GenerationIdOrMemberEpoch = 1,
            MemberId = "stranger",
            Topics = [new() { Name = "orders", Partitions = [new() { PartitionIndex = 9 }, new() { PartitionIndex = 1 }] }],
        });
        Assert.Equal(
            [ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownMemberId],
            response.Topics[0].Partitions.Select(p => (ErrorCode)p.ErrorCode));
    }

    [Fact]
    public async Task A_commit_must_come_from_a_member_of_the_generation()
    {
        await using var groups = await Coordination.StartAsync();
        Assert.Equal(ErrorCode.IllegalGeneration, await groups.CommitAsync(1, 1, "m", version: 8));
        Assert.Equal(ErrorCode.GroupIdNotFound, await groups.CommitAsync(1, 1, "m", version: 9));
        var (id, generation) = await groups.StableOfOneAsync();
        Assert.Equal(ErrorCode.UnknownMemberId, await groups.CommitAsync(1));
        Assert.Equal(ErrorCode.UnknownMemberId, await groups.CommitAsync(1, generation, "stranger"));
        Assert.Equal(ErrorCode.IllegalGeneration, await groups.CommitAsync(1, generation + 1, id));
        Assert.Equal(ErrorCode.IllegalGeneration, await groups.CommitAsync(1, -1, id));
        Assert.Equal(ErrorCode.None, await groups.CommitAsync(1, generation, id));
        Assert.Equal(1, groups.Committed());
    }

    [Fact]
    public async Task A_commit_of_the_old_generation_is_taken_while_members_join_but_not_before_the_assignment()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, generation) = await groups.StableOfOneAsync();
        var (_, second) = await groups.JoinNewAsync();
        Assert.Equal(ErrorCode.None, await groups.CommitAsync(1, generation, id));
        await groups.JoinAsync(id);
        await second;
        Assert.Equal(ErrorCode.RebalanceInProgress, await groups.CommitAsync(2, generation + 1, id));
        Assert.Equal(ErrorCode.IllegalGeneration, await groups.CommitAsync(2, generation, id));
        Assert.Equal(1, groups.Committed());
    }

    [Fact]
    public async Task An_empty_group_takes_commits_from_administrators()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, _) = await groups.StableOfOneAsync();
        groups.Leave(id);
        Assert.Equal(ErrorCode.None, await groups.CommitAsync(11));
        Assert.Equal(11, groups.Committed());
    }

    [Fact]
    public async Task The_empty_group_id_keeps_offsets()
    {
        await using var groups = await Coordination.StartAsync();
        Assert.Equal(ErrorCode.None, await groups.CommitAsync(3, group: ""));
        Assert.Equal(3, groups.Committed(group: ""));
    }

    [Fact]
    public async Task Version_10_names_topics_by_id()
    {
        await using var groups = await Coordination.StartAsync();
        var known = groups.Topics.All["orders"].Id;
        var response = await groups.Coordinator.CommitAsync(Coordination.Context(10), new OffsetCommitRequest
        {
            GroupId = "g",
            Topics =
            [
                new() { TopicId = known, Partitions = [new() { PartitionIndex = 2, CommittedOffset = 8 }] },
                new() { TopicId = new Uuid(9, 9), Partitions = [new() { PartitionIndex = 2 }] },
            ],
        });
        Assert.Equal(
            [(known, 0), (new Uuid(9, 9), (int)ErrorCode.UnknownTopicId)],
            response.Topics.Select(t => (t.TopicId, (int)t.Partitions[0].ErrorCode)));
        var fetched = groups.Coordinator.FetchOffsets(Coordination.Context(10), new OffsetFetchRequest
        {
            Groups =
            [
                new OffsetFetchRequest.OffsetFetchRequestGroup
                {
                    GroupId = "g",
                    Topics =
                    [
                        new() { TopicId = known, PartitionIndexes = [2, 3] },
                        new() { TopicId = new Uuid(9, 9), PartitionIndexes = [0] },
                    ],
                },
                new OffsetFetchRequest.OffsetFetchRequestGroup { GroupId = "g", Topics = null },
                new OffsetFetchRequest.OffsetFetchRequestGroup { GroupId = "none", Topics = null },
            ],
        }).Groups;
        Assert.Equal([8, -1], fetched[0].Topics[0].Partitions.Select(p => p.CommittedOffset));
        Assert.Equal(ErrorCode.UnknownTopicId, (ErrorCode)fetched[0].Topics[1].Partitions[0].ErrorCode);
        Assert.Equal(known, Assert.Single(fetched[1].Topics).TopicId);
        Assert.Empty(fetched[2].Topics);
    }

    [Fact]
    public async Task Offsets_of_a_deleted_topic_are_forgotten_even_those_under_way()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.CommitAsync(1);
        await groups.CommitAsync(2, topic: "payments");
        groups.Log.Hold();
        var commit = groups.CommitAsync(3, partition: 1);
        var deletion = groups.Coordinator.OnTopicDeletedAsync("orders");
        groups.Log.Release();
        Assert.Equal(ErrorCode.None, await commit);
        await deletion;
        Assert.Equal((-1L, -1L, 2L), (groups.Committed(), groups.Committed(partition: 1), groups.Committed("payments")));
        await using var restarted = await groups.RestartAsync();
        Assert.Equal((-1L, -1L, 2L), (restarted.Committed(), restarted.Committed(partition: 1), restarted.Committed("payments")));
    }
}
