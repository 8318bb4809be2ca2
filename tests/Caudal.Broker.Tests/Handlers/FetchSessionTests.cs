using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class FetchSessionTests
{
    [Fact]
    public async Task Within_a_session_only_partitions_with_news_are_answered()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 3);

        var full = await client.SendAsync(Request(0, 0, [0, 1, 2]), 12);
        var quiet = await client.SendAsync(Request(full.SessionId, 1, []), 12);
        await client.ProduceAsync("t", Batches.Of("a"), partition: 1);
        var news = await client.SendAsync(Request(full.SessionId, 2, []), 12);

        Assert.NotEqual(0, full.SessionId);
        Assert.Equal([0, 1, 2], Partitions(full));
        Assert.Empty(quiet.Responses);
        Assert.Equal([1], Partitions(news));
        Assert.Equal(full.SessionId, news.SessionId);
    }

    [Fact]
    public async Task Forgotten_partitions_are_not_answered_again_and_changed_ones_read_on()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 2);
        var id = (await client.SendAsync(Request(0, 0, [0, 1]), 12)).SessionId;
        await client.ProduceAsync("t", Batches.Of("a", "b"), partition: 0);
        await client.ProduceAsync("t", Batches.Of("c"), partition: 1);

        var moved = Request(id, 1, [0], offset: 2);
        moved.ForgottenTopicsData = [new() { Topic = "t", Partitions = [1] }];
        var response = await client.SendAsync(moved, 12);

        Assert.Equal([0], Partitions(response));
        Assert.Equal(0, response.Responses[0].Partitions[0].Records!.Value.Length);
    }

    [Fact]
    public async Task An_unknown_session_a_wrong_epoch_and_another_way_of_naming_topics_are_refused()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var topic = await client.CreateTopicAsync("t");
        var id = (await client.SendAsync(Request(0, 0, [0]), 12)).SessionId;
        var byId = new FetchRequest { SessionId = id, SessionEpoch = 1, Topics = [new() { TopicId = topic, Partitions = [new()] }] };

        Assert.Equal(ErrorCode.FetchSessionIdNotFound, (ErrorCode)(await client.SendAsync(Request(id ^ 1, 1, []), 12)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidFetchSessionEpoch, (ErrorCode)(await client.SendAsync(Request(id, 2, []), 12)).ErrorCode);
        Assert.Equal(ErrorCode.FetchSessionTopicIdError, (ErrorCode)(await client.SendAsync(byId, 13)).ErrorCode);
        Assert.Equal(ErrorCode.None, (ErrorCode)(await client.SendAsync(Request(id, 1, []), 12)).ErrorCode);
    }

    [Fact]
    public async Task A_closed_session_is_gone_and_a_request_without_one_gets_none()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var id = (await client.SendAsync(Request(0, 0, [0]), 12)).SessionId;

        Assert.Equal(0, (await client.SendAsync(Request(id, -1, []), 12)).SessionId);
        Assert.Equal(ErrorCode.FetchSessionIdNotFound, (ErrorCode)(await client.SendAsync(Request(id, 1, []), 12)).ErrorCode);
        Assert.Equal(0, (await client.SendAsync(Request(0, -1, [0]), 12)).SessionId);
    }

    [Fact]
    public async Task When_all_sessions_are_taken_a_client_is_told_to_do_without()
    {
        await using var broker = await Brokers.StartAsync("max.incremental.fetch.session.cache.slots=1");
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        Assert.NotEqual(0, (await client.SendAsync(Request(0, 0, [0]), 12)).SessionId);
        Assert.Equal(0, (await client.SendAsync(Request(0, 0, [0]), 12)).SessionId);
    }

    [Fact]
    public async Task A_topic_that_is_deleted_and_made_again_does_not_take_the_place_of_the_old_one()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var old = await client.CreateTopicAsync("t");
        var open = new FetchRequest
        {
            SessionEpoch = 0,
            Topics = [new() { TopicId = old, Partitions = [new() { PartitionMaxBytes = 1000 }] }],
        };
        var id = (await client.SendAsync(open)).SessionId;

        await client.SendAsync(new DeleteTopicsRequest { Topics = [new() { Name = "t" }] });
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("new"));
        var response = await client.SendAsync(new FetchRequest { SessionId = id, SessionEpoch = 1 });

        Assert.Equal(ErrorCode.UnknownTopicId, (ErrorCode)response.Responses[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public async Task A_partition_with_much_data_does_not_starve_the_others()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 2);
        for (var i = 0; i < 3; i++)
            await client.ProduceAsync("t", Batches.OfSize(1000), partition: 0);
        await client.ProduceAsync("t", Batches.Of("b"), partition: 1);
        var open = Request(0, 0, [0, 1]);
        open.MaxBytes = 1100;

        var first = await client.SendAsync(open, 12);
        var second = await client.SendAsync(new FetchRequest { SessionId = first.SessionId, SessionEpoch = 1, MaxBytes = 1100 }, 12);

        Assert.Equal([0], WithData(first));
        Assert.Contains(1, WithData(second));
    }

    private static FetchRequest Request(int session, int epoch, int[] partitions, long offset = 0) => new()
    {
        SessionId = session,
        SessionEpoch = epoch,
        Topics = partitions.Length == 0 ? [] : [new() { Topic = "t", Partitions = [.. partitions.Select(p => Partition(p, offset))] }],
    };

    private static FetchRequest.FetchPartition Partition(int partition, long offset) =>
        new() { Partition = partition, FetchOffset = offset, PartitionMaxBytes = 1 << 20 };

    private static IEnumerable<int> Partitions(FetchResponse response) =>
        response.Responses.SelectMany(t => t.Partitions).Select(p => p.PartitionIndex).Order();

    private static IEnumerable<int> WithData(FetchResponse response) =>
        response.Responses.SelectMany(t => t.Partitions).Where(p => p.Records!.Value.Length > 0).Select(p => p.PartitionIndex);
}
