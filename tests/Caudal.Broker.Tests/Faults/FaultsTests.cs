using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Broker.Tests.Faults;

public class FaultsTests
{
    [Fact]
    public async Task The_next_requests_fail_and_those_after_them_do_not()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        var fault = broker.Faults.Fail(ApiKey.Produce, ErrorCode.NotEnoughReplicas, times: 2);
        var errors = new List<ErrorCode>();
        for (var i = 0; i < 3; i++)
            errors.Add((ErrorCode)(await client.ProduceAsync("t", Batches.Of("v"))).ErrorCode);

        Assert.Equal([ErrorCode.NotEnoughReplicas, ErrorCode.NotEnoughReplicas, ErrorCode.None], errors);
        Assert.Equal((2, 0), (fault.Hits, fault.Remaining));
        Assert.Empty(broker.Faults.Active);
        Assert.Equal([(0L, "v")], Batches.Read((await client.FetchAsync("t", 0)).Records));
    }

    [Fact]
    public async Task One_partition_fails_and_the_others_of_the_request_are_served()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 2);
        broker.Faults.Fail(ApiKey.Produce, ErrorCode.KafkaStorageError, scope: new FaultScope { Topic = "t", Partition = 1 });
        var request = Brokers.Produce("t", Batches.Of("a"));
        request.TopicData[0].PartitionData =
            [new() { Index = 0, Records = Batches.Of("a") }, new() { Index = 1, Records = Batches.Of("b") }];

        var unstruck = await client.ProduceAsync("t", Batches.Of("a"));
        var response = await client.SendAsync(request, 12);

        Assert.Equal(0, unstruck.ErrorCode);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.KafkaStorageError],
            response.Responses[0].PartitionResponses.Select(p => (ErrorCode)p.ErrorCode));
    }

    [Fact]
    public async Task A_fetch_within_a_session_fails_too()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var open = Brokers.Fetch("t", 0);
        open.SessionEpoch = 0;
        var session = (await client.SendAsync(open, 12)).SessionId;

        var fault = broker.Faults.Fail(ApiKey.Fetch, ErrorCode.NotLeaderOrFollower, scope: new FaultScope { Topic = "t" });
        var failed = await client.SendAsync(
            new FetchRequest { SessionId = session, SessionEpoch = 1, MaxWaitMs = 60_000, MinBytes = 1, MaxBytes = 1000 }, 12);

        Assert.Equal(ErrorCode.NotLeaderOrFollower, (ErrorCode)failed.Responses[0].Partitions[0].ErrorCode);
        Assert.Equal(1, fault.Hits);
    }

    [Fact]
    public async Task A_lost_answer_to_a_commit_leaves_the_commit()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var lost = broker.Faults.Lose(ApiKey.OffsetCommit, FaultMoment.After);
        await using (var unlucky = await TestClient.ConnectAsync(broker))
        {
            await unlucky.PostAsync(Commit(7), 8);
            await lost.Struck;
            // The fault strikes before the commit is made; it is seen once it was.
            while (await CommittedAsync(client) != 7)
                await Task.Yield();
        }

        Assert.Equal(7, await CommittedAsync(client));
    }

    [Fact]
    public async Task A_request_lost_before_it_is_served_has_no_effect()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var lost = broker.Faults.Lose(ApiKey.OffsetCommit, FaultMoment.Before);
        await using var unlucky = await TestClient.ConnectAsync(broker);
        await unlucky.PostAsync(Commit(7), 8);
        await lost.Struck;

        Assert.Equal(-1, await CommittedAsync(client));
    }

    [Theory]
    [InlineData(FaultMoment.Before, 0)]
    [InlineData(FaultMoment.After, 1)]
    public async Task A_connection_is_cut_before_or_after_the_request_took_effect(FaultMoment moment, int records)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await using var unlucky = await TestClient.ConnectAsync(broker, "unlucky");
        await client.CreateTopicAsync("t");
        broker.Faults.Disconnect(ApiKey.Produce, moment, scope: new FaultScope { ClientId = "unlucky" });

        await unlucky.PostAsync(Brokers.Produce("t", Batches.Of("v")), 9);

        Assert.True(await unlucky.IsClosedAsync());
        Assert.Equal(records, Batches.Read((await client.FetchAsync("t", 0)).Records).Count);
    }

    [Fact]
    public async Task A_delay_lasts_as_long_as_the_brokers_clock_says()
    {
        var time = new FakeTimeProvider();
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, TimeProvider = time });
        await using var client = await TestClient.ConnectAsync(broker);
        var slow = broker.Faults.Delay(ApiKey.Metadata, TimeSpan.FromMinutes(1));
        await client.PostAsync(new MetadataRequest { Topics = [] });
        await slow.Struck;

        var answer = client.ReceiveAsync<MetadataRequest, MetadataResponse>(MetadataRequest.MaxVersion);
        Assert.False(answer.IsCompleted);
        while (!answer.IsCompleted)
        {
            // Until the delay's timer is set, the clock moves for nobody.
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        Assert.Single((await answer).Brokers);
    }

    [Fact]
    public async Task Clients_are_told_to_wait_and_the_connection_waits_too()
    {
        var time = new FakeTimeProvider();
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, TimeProvider = time });
        await using var client = await TestClient.ConnectAsync(broker);
        broker.Faults.Throttle(ApiKey.Metadata, TimeSpan.FromSeconds(5));

        var throttled = await client.SendAsync(new MetadataRequest { Topics = [] });
        await client.PostAsync(new MetadataRequest { Topics = [] });
        var next = client.ReceiveAsync<MetadataRequest, MetadataResponse>(MetadataRequest.MaxVersion);
        while (!next.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        Assert.Equal((5000, 0), (throttled.ThrottleTimeMs, (await next).ThrottleTimeMs));
    }

    [Fact]
    public async Task Faults_of_one_node_leave_the_others_alone()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, Nodes = 2 });
        await using var first = await TestClient.ConnectAsync(broker, broker.Nodes[0]);
        await using var second = await TestClient.ConnectAsync(broker, broker.Nodes[1]);
        broker.Faults.Fail(
            ApiKey.FindCoordinator, ErrorCode.CoordinatorNotAvailable, BrokerFaults.Always, new FaultScope { NodeId = 2 });
        var request = new FindCoordinatorRequest { CoordinatorKeys = ["g"] };

        Assert.Equal(ErrorCode.None, (ErrorCode)(await first.SendAsync(request)).Coordinators[0].ErrorCode);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (ErrorCode)(await second.SendAsync(request)).Coordinators[0].ErrorCode);
        broker.Faults.Clear();
        Assert.Equal(ErrorCode.None, (ErrorCode)(await second.SendAsync(request)).Coordinators[0].ErrorCode);
    }

    [Fact]
    public async Task A_disposed_fault_strikes_no_more()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        using (broker.Faults.Fail(ApiKey.ApiVersions, ErrorCode.UnknownServerError, BrokerFaults.Always))
            Assert.Equal(-1, (await client.SendAsync(NewApiVersions())).ErrorCode);

        Assert.Equal(0, (await client.SendAsync(NewApiVersions())).ErrorCode);
    }

    [Fact]
    public async Task Faults_that_cannot_be_are_refused()
    {
        await using var broker = await Brokers.StartAsync();

        Assert.ThrowsAny<ArgumentException>(() => broker.Faults.Fail(ApiKey.Produce, ErrorCode.None));
        Assert.ThrowsAny<ArgumentException>(() => broker.Faults.Fail(ApiKey.Produce, ErrorCode.RequestTimedOut, times: 0));
        Assert.ThrowsAny<ArgumentException>(() => broker.Faults.Delay(ApiKey.Produce, TimeSpan.Zero));
        Assert.ThrowsAny<ArgumentException>(
            () => broker.Faults.Lose(ApiKey.Produce, FaultMoment.After, scope: new FaultScope { Partition = 1 }));
    }

    private static ApiVersionsRequest NewApiVersions() => new() { ClientSoftwareName = "test", ClientSoftwareVersion = "1" };

    private static OffsetCommitRequest Commit(long offset) => new()
    {
        GroupId = "g",
        Topics = [new() { Name = "t", Partitions = [new() { CommittedOffset = offset }] }],
    };

    private static async Task<long> CommittedAsync(TestClient client)
    {
        var request = new OffsetFetchRequest { GroupId = "g", Topics = [new() { Name = "t", PartitionIndexes = [0] }] };
        return (await client.SendAsync(request, 7)).Topics[0].Partitions[0].CommittedOffset;
    }
}
