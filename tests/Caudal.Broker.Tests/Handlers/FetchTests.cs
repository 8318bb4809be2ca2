using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Broker.Tests.Handlers;

public class FetchTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Every_version_reads_from_the_batch_that_holds_the_offset(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("a", "b", "c"));
        await client.ProduceAsync("t", Batches.Of("d"));

        var data = await client.FetchAsync("t", 2, version: version);

        Assert.Equal((ErrorCode.None, 4L, 4L), ((ErrorCode)data.ErrorCode, data.HighWatermark, data.LastStableOffset));
        Assert.Equal(["a", "b", "c", "d"], Batches.Read(data.Records).Select(r => r.Value));
    }

    [Fact]
    public async Task By_id_an_unknown_topic_is_told_apart_from_a_missing_partition()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var id = await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("a"));

        Assert.Equal((ErrorCode.None, 1), await TryAsync(id, 0));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, 0), await TryAsync(id, 1));
        Assert.Equal((ErrorCode.UnknownTopicId, 0), await TryAsync(Uuid.NewRandom(), 0));

        async Task<(ErrorCode, int)> TryAsync(Uuid topic, int partition)
        {
            var request = new FetchRequest
            {
                Topics = [new() { TopicId = topic, Partitions = [new() { Partition = partition, PartitionMaxBytes = 1000 }] }],
            };
            var response = await client.SendAsync(request, 18);
            var data = response.Responses[0].Partitions[0];
            return ((ErrorCode)data.ErrorCode, Batches.Read(data.Records).Count);
        }
    }

    [Fact]
    public async Task The_end_is_empty_and_what_lies_outside_is_out_of_range_at_once()
    {
        await using var broker = await Brokers.StartAsync(Frozen());
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("a"));

        var end = await client.FetchAsync("t", 1);
        // The clock stands still: an answer proves that nothing waited.
        var beyond = (await client.SendAsync(Brokers.Fetch("t", 2, maxWaitMs: 60_000), 12)).Responses[0].Partitions[0];
        var before = (await client.SendAsync(Brokers.Fetch("t", -1, maxWaitMs: 60_000), 12)).Responses[0].Partitions[0];

        Assert.Equal((ErrorCode.None, 0), ((ErrorCode)end.ErrorCode, end.Records!.Value.Length));
        Assert.Equal(
            (ErrorCode.OffsetOutOfRange, -1L, -1L, -1L),
            ((ErrorCode)beyond.ErrorCode, beyond.HighWatermark, beyond.LastStableOffset, beyond.LogStartOffset));
        Assert.Equal(ErrorCode.OffsetOutOfRange, (ErrorCode)before.ErrorCode);
    }

    [Fact]
    public async Task A_fetch_that_waits_is_answered_by_an_append()
    {
        await using var broker = await Brokers.StartAsync(Frozen());
        await using var reader = await TestClient.ConnectAsync(broker);
        await using var writer = await TestClient.ConnectAsync(broker);
        await writer.CreateTopicAsync("t");

        await reader.PostAsync(Brokers.Fetch("t", 0, maxWaitMs: 60_000), 12);
        await writer.ProduceAsync("t", Batches.Of("a"));
        var response = await reader.ReceiveAsync<FetchRequest, FetchResponse>(12);

        Assert.Equal(["a"], Batches.Read(response.Responses[0].Partitions[0].Records).Select(r => r.Value));
    }

    [Fact]
    public async Task A_fetch_waits_for_its_min_bytes_over_all_partitions_together()
    {
        await using var broker = await Brokers.StartAsync(Frozen());
        await using var reader = await TestClient.ConnectAsync(broker);
        await using var writer = await TestClient.ConnectAsync(broker);
        await writer.CreateTopicAsync("t", 2);
        var request = Brokers.Fetch("t", 0, maxWaitMs: 60_000, minBytes: 1500);
        request.Topics[0].Partitions = [.. request.Topics[0].Partitions, new() { Partition = 1, PartitionMaxBytes = 1 << 20 }];

        await reader.PostAsync(request, 12);
        await writer.ProduceAsync("t", Batches.OfSize(1000));
        var answer = reader.ReceiveAsync<FetchRequest, FetchResponse>(12);
        await writer.ProduceAsync("t", Batches.OfSize(1000), partition: 1);
        var response = await answer;

        Assert.Equal([1, 1], response.Responses[0].Partitions.Select(p => Batches.Read(p.Records).Count));
    }

    [Fact]
    public async Task A_fetch_that_waits_is_answered_when_its_time_is_up_and_not_before()
    {
        var time = new FakeTimeProvider();
        await using var broker = await Brokers.StartAsync(Frozen(time));
        await using var reader = await TestClient.ConnectAsync(broker);
        await using var other = await TestClient.ConnectAsync(broker);
        // The clock may move far: the records are old, and must stay.
        await other.CreateTopicAsync("t", 1, "retention.ms=-1");

        await reader.PostAsync(Brokers.Fetch("t", 0, maxWaitMs: 500, minBytes: 10_000), 12);
        var answer = reader.ReceiveAsync<FetchRequest, FetchResponse>(12);
        await other.ProduceAsync("t", Batches.Of("a"));
        time.Advance(TimeSpan.FromMilliseconds(499));
        await other.ProduceAsync("t", Batches.Of("b"));
        Assert.False(answer.IsCompleted);
        // The request may reach the broker after the clock moved: it then waits its own time from there.
        while (!answer.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            await other.DescribeAsync("t");
        }

        Assert.Equal(["a", "b"], Batches.Read((await answer).Responses[0].Partitions[0].Records).Select(r => r.Value));
    }

    [Fact]
    public async Task Deleting_the_topic_ends_the_wait()
    {
        await using var broker = await Brokers.StartAsync(Frozen());
        await using var reader = await TestClient.ConnectAsync(broker);
        await using var admin = await TestClient.ConnectAsync(broker);
        await admin.CreateTopicAsync("t");

        await reader.PostAsync(Brokers.Fetch("t", 0, maxWaitMs: 60_000), 12);
        await admin.SendAsync(new DeleteTopicsRequest { Topics = [new() { Name = "t" }] });
        var response = await reader.ReceiveAsync<FetchRequest, FetchResponse>(12);

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)response.Responses[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public async Task The_first_batch_comes_whole_however_small_the_limits_and_later_partitions_obey_them()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 3);
        await client.ProduceAsync("t", Batches.OfSize(5000), partition: 1);
        await client.ProduceAsync("t", Batches.OfSize(5000), partition: 2);
        var request = Brokers.Fetch("t", 0, maxBytes: 100);
        request.Topics[0].Partitions =
            [.. Enumerable.Range(0, 3).Select(p => new FetchRequest.FetchPartition { Partition = p, PartitionMaxBytes = 50 })];

        var partitions = (await client.SendAsync(request, 12)).Responses[0].Partitions;

        Assert.Equal([0, 1, 0], partitions.Select(p => Batches.Read(p.Records).Count));
        Assert.Equal([0L, 1L, 1L], partitions.Select(p => p.HighWatermark));
    }

    [Fact]
    public async Task Only_whole_batches_come_within_the_limits()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        for (var i = 0; i < 10; i++)
            await client.ProduceAsync("t", Batches.OfSize(1000));

        var data = (await client.SendAsync(Brokers.Fetch("t", 0, maxBytes: 3500), 12)).Responses[0].Partitions[0];

        Assert.Equal(3, Batches.Read(data.Records).Count);
    }

    [Fact]
    public async Task A_wrong_leader_epoch_is_refused_with_the_right_one()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var epoch = (await client.DescribeAsync("t")).Partitions[0].LeaderEpoch;
        var request = Brokers.Fetch("t", 0);
        request.Topics[0].Partitions[0].CurrentLeaderEpoch = epoch + 1;

        var data = (await client.SendAsync(request, 12)).Responses[0].Partitions[0];

        Assert.Equal(ErrorCode.UnknownLeaderEpoch, (ErrorCode)data.ErrorCode);
        Assert.Equal((1, epoch), (data.CurrentLeader.LeaderId, data.CurrentLeader.LeaderEpoch));
    }

    [Fact]
    public async Task Stopping_the_broker_ends_the_wait()
    {
        var broker = await Brokers.StartAsync(Frozen());
        await using var reader = await TestClient.ConnectAsync(broker);
        await reader.CreateTopicAsync("t");
        await reader.PostAsync(Brokers.Fetch("t", 0, maxWaitMs: 60_000), 12);

        await broker.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        await reader.ReceiveOrCloseAsync();
    }

    private static EmbeddedBrokerOptions Frozen(FakeTimeProvider? time = null) =>
        new() { Listen = false, TimeProvider = time ?? new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56)) };
}
