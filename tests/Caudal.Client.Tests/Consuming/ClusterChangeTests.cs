using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Consuming;

public sealed class ClusterChangeTests
{
    private static readonly TopicPartition Partition = new("t", 0);

    [Fact]
    public async Task A_partition_is_followed_to_its_new_leader()
    {
        await using var fixture = new ConsumerFixture(nodes: 2);
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));

        for (var i = 0; i < 4; i++)
        {
            fixture.Cluster.Log.MoveLeader("t", 0, (i + 1) % 2);
            fixture.Cluster.Log.Append("t", 0, $"b{i}");
            Assert.Equal([$"b{i}"], await ConsumerFixture.TakeAsync(consumer, 1));
        }
    }

    [Fact]
    public async Task A_cut_connection_loses_and_repeats_nothing()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        var seen = new List<string?>();
        for (var i = 0; i < 20; i++)
        {
            fixture.Cluster.Log.Append("t", 0, $"{i}.0", $"{i}.1");
            if (i % 3 == 0)
                fixture.Cluster.CutConnections();
            seen.AddRange(await ConsumerFixture.TakeAsync(consumer, 2));
        }

        Assert.Equal(Enumerable.Range(0, 20).SelectMany(i => new[] { $"{i}.0", $"{i}.1" }), seen);
    }

    [Fact]
    public async Task A_topic_that_does_not_exist_yet_is_waited_for()
    {
        await using var fixture = new ConsumerFixture();
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        var taking = ConsumerFixture.TakeAsync(consumer, 1);
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Count(ApiKey.Metadata) > 3);

        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a");

        Assert.Equal(["a"], await taking);
    }

    [Fact]
    public async Task A_refusal_for_good_is_told_with_the_partition()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Once<FetchRequest, FetchResponse>((_, _, request) => new FetchResponse
        {
            Responses = [new FetchResponse.FetchableTopicResponse
            {
                Topic = request.Topics[0].Topic,
                TopicId = request.Topics[0].TopicId,
                Partitions = [new FetchResponse.PartitionData
                {
                    ErrorCode = (short)ErrorCode.TopicAuthorizationFailed,
                    Records = ReadOnlyMemory<byte>.Empty,
                }],
            }],
        });
        fixture.Cluster.Log.Append("t", 0, "a");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);

        var error = await Assert.ThrowsAsync<BrokerErrorException>(() => ConsumerFixture.TakeAsync(consumer, 1));

        Assert.Equal((ErrorCode.TopicAuthorizationFailed, "t", 0), (error.Code, error.Topic, error.Partition));
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task Topics_are_fetched_by_id_where_ids_are_known()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.All(fixture.Cluster.Requests.Where(r => r.Key == ApiKey.Fetch), r => Assert.True(r.Version >= 13));
    }

    [Fact]
    public async Task Topics_are_fetched_by_name_where_ids_are_not_known()
    {
        await using var fixture = new ConsumerFixture(configure: cluster => cluster.Log.HasTopicIds = false);
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.All(fixture.Cluster.Requests.Where(r => r.Key == ApiKey.Fetch), r => Assert.Equal(12, r.Version));
    }

    [Fact]
    public async Task A_broker_of_version_2_4_is_served_with_its_versions()
    {
        await using var fixture = new ConsumerFixture(configure: OldBroker);
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a", "b");
        fixture.Cluster.Group.Committed[Partition] = 1;
        var consumer = fixture.Member();

        Assert.Equal(["b"], await ConsumerFixture.TakeAsync(consumer, 1));
        var result = await consumer.CommitAsync(ConsumerFixture.Token);

        Assert.Equal([new TopicPartitionOffset(Partition, 2)], result.Committed);
        Assert.Equal(2, (await consumer.CommittedAsync([Partition], ConsumerFixture.Token))[Partition]);
        await consumer.CloseAsync(ConsumerFixture.Token);
        Assert.Single(fixture.Cluster.Group.Left);
    }

    private static void OldBroker(ScriptedCluster cluster)
    {
        cluster.Log.HasTopicIds = false;
        (ApiKey Key, short Max)[] limits =
        [
            (ApiKey.Fetch, 11), (ApiKey.ListOffsets, 5), (ApiKey.Metadata, 9), (ApiKey.OffsetCommit, 8), (ApiKey.OffsetFetch, 6),
            (ApiKey.FindCoordinator, 3),
            (ApiKey.JoinGroup, 6), (ApiKey.Heartbeat, 4), (ApiKey.LeaveGroup, 4), (ApiKey.SyncGroup, 4), (ApiKey.ApiVersions, 3),
        ];
        foreach (var (key, max) in limits)
            cluster.Limit(key, max);
    }
}
