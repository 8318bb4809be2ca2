using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Client.Tests.Metadata;

public sealed class MetadataCacheTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_topic_is_asked_for_once_and_then_known()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t", 3);
        await using var client = new KafkaClient(cluster.ClientOptions);

        var first = await client.Metadata.GetTopicAsync("t", create: false, Token);
        var second = await client.Metadata.GetTopicAsync("t", create: false, Token);

        Assert.Equal(3, first.Partitions.Length);
        Assert.Same(first, second);
        Assert.Equal(1, cluster.Count(ApiKey.Metadata));
    }

    [Fact]
    public async Task What_is_known_is_asked_for_again_when_it_is_old()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t");
        var time = new FakeTimeProvider();
        await using var client = new KafkaClient(cluster.ClientOptions with { TimeProvider = time });
        await client.Metadata.GetTopicAsync("t", create: false, Token);
        var changed = new TaskCompletionSource();
        client.Metadata.Changed += snapshot => _ = snapshot.Topics["t"].Partitions.Length == 5 && changed.TrySetResult();
        cluster.AddTopic("t", 5);

        time.Advance(TimeSpan.FromMinutes(5));
        await changed.Task.WaitAsync(Token);

        Assert.Equal(5, client.Metadata.Current.Topics["t"].Partitions.Length);
    }

    [Fact]
    public async Task A_leader_of_an_older_epoch_is_not_believed()
    {
        await using var cluster = new FakeCluster(brokers: 2);
        var partition = cluster.AddTopic("t")[0];
        partition.LeaderEpoch = 5;
        await using var client = new KafkaClient(cluster.ClientOptions);
        await client.Metadata.GetTopicAsync("t", create: false, Token);

        (partition.Leader, partition.LeaderEpoch) = (2, 4);
        await client.Metadata.RefreshAsync(["t"], Token);
        Assert.Equal(1, client.Metadata.Current.Topics["t"].LeaderOf(0));

        (partition.Leader, partition.LeaderEpoch) = (2, 6);
        await client.Metadata.RefreshAsync(["t"], Token);
        Assert.Equal(2, client.Metadata.Current.Topics["t"].LeaderOf(0));
    }

    [Fact]
    public async Task A_leader_named_in_passing_is_believed_if_it_is_newer()
    {
        await using var cluster = new FakeCluster(brokers: 2);
        cluster.AddTopic("t");
        await using var client = new KafkaClient(cluster.ClientOptions);
        await client.Metadata.GetTopicAsync("t", create: false, Token);

        Assert.False(client.Metadata.LearnLeader("t", 0, 2, 1, null));
        Assert.True(client.Metadata.LearnLeader("t", 0, 2, 2, null));
        Assert.Equal(2, client.Metadata.Current.Topics["t"].LeaderOf(0));
        Assert.False(client.Metadata.LearnLeader("t", 9, 2, 2, null));
    }

    [Fact]
    public async Task A_topic_that_does_not_appear_is_given_up_with_the_option_that_says_when()
    {
        await using var cluster = new FakeCluster();
        await using var client = new KafkaClient(cluster.ClientOptions);

        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(
            () => client.Metadata.WaitForTopicAsync("none", create: true, TimeSpan.FromMilliseconds(50), "max.block.ms", Token).AsTask());
        Assert.Contains("'none' was not ready within 50 ms (max.block.ms)", error.Message);
        Assert.Contains("UNKNOWN_TOPIC_OR_PARTITION", error.Message);
    }

    [Fact]
    public async Task Many_who_ask_at_once_cost_one_request()
    {
        await using var cluster = new FakeCluster();
        for (var i = 0; i < 50; i++)
            cluster.AddTopic($"t{i}");
        await using var client = await KafkaClient.ConnectAsync(cluster.ClientOptions, Token);
        var held = new TaskCompletionSource<FakeReply?>();
        cluster.Script = call => call.Key == ApiKey.Metadata && !held.Task.IsCompleted ? new ValueTask<FakeReply?>(held.Task) : default;
        var before = cluster.Count(ApiKey.Metadata);
        var first = client.Metadata.GetTopicAsync("t0", create: false, Token).AsTask();
        await cluster.WhenAsync(c => c.Count(ApiKey.Metadata) == before + 1);
        var rest = Enumerable.Range(1, 49).Select(i => client.Metadata.GetTopicAsync($"t{i}", create: false, Token).AsTask()).ToArray();

        held.SetResult(null);
        await first;
        await Task.WhenAll(rest);

        Assert.Equal(before + 2, cluster.Count(ApiKey.Metadata));
    }
}
