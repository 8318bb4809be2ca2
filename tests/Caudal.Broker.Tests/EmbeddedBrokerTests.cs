using System.Diagnostics;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Storage;
using Caudal.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Broker.Tests;

public class EmbeddedBrokerTests
{
    [Fact]
    public async Task Sockets_and_memory_reach_the_same_broker_by_the_same_name()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await using var bySocket = await TestClient.ConnectBySocketAsync(broker);
        await using var inMemory = await TestClient.ConnectAsync(broker);

        await bySocket.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.None, (ErrorCode)(await inMemory.DescribeAsync("t")).ErrorCode);
        Assert.Equal($"127.0.0.1:{broker.Port}", broker.BootstrapServers);
    }

    [Fact]
    public async Task Topics_ids_settings_records_and_producer_ids_survive_a_restart()
    {
        using var directory = new TemporaryDirectory();
        var options = new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path };
        Uuid id;
        long producer;
        string cluster;
        await using (var broker = await Brokers.StartAsync(options))
        await using (var client = await TestClient.ConnectAsync(broker))
        {
            cluster = broker.ClusterId;
            id = await client.CreateTopicAsync("t", 2, "retention.ms=12345678");
            await client.CreateTopicAsync("gone");
            producer = (await client.SendAsync(new InitProducerIdRequest { TransactionalId = null })).ProducerId;
            await client.ProduceAsync("t", Batches.Idempotent(producer, 0, 0, "a", "b"), partition: 1);
            await client.SendAsync(new CreatePartitionsRequest { Topics = [new() { Name = "t", Count = 3, Assignments = null }] });
            await client.SendAsync(new DeleteTopicsRequest { Topics = [new() { Name = "gone" }] });
        }

        await using var again = await Brokers.StartAsync(options);
        await using var reader = await TestClient.ConnectAsync(again);
        var topic = await reader.DescribeAsync("t");
        var repeated = await reader.ProduceAsync("t", Batches.Idempotent(producer, 0, 0, "a", "b"), partition: 1);
        var described = await reader.SendAsync(new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = 2, ResourceName = "t", ConfigurationKeys = ["retention.ms"] }],
        });

        Assert.Equal((cluster, id, 3), (again.ClusterId, topic.TopicId, topic.Partitions.Length));
        Assert.Equal([(0L, "a"), (1L, "b")], Batches.Read((await reader.FetchAsync("t", 0, partition: 1)).Records));
        Assert.Equal((ErrorCode.None, 0L), ((ErrorCode)repeated.ErrorCode, repeated.BaseOffset));
        Assert.Equal("12345678", described.Results[0].Configs[0].Value);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)(await reader.DescribeAsync("gone")).ErrorCode);
        Assert.True((await reader.SendAsync(new InitProducerIdRequest { TransactionalId = null })).ProducerId > producer);
    }

    [Fact]
    public async Task The_logs_of_a_topic_that_is_made_again_do_not_come_back()
    {
        using var directory = new TemporaryDirectory();
        var options = new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path };
        await using (var broker = await Brokers.StartAsync(options))
        await using (var client = await TestClient.ConnectAsync(broker))
        {
            await client.CreateTopicAsync("t");
            await client.ProduceAsync("t", Batches.Of("old"));
            await client.SendAsync(new DeleteTopicsRequest { Topics = [new() { Name = "t" }] });
            await client.CreateTopicAsync("t");
            await client.ProduceAsync("t", Batches.Of("new"));
        }

        await using var again = await Brokers.StartAsync(options);
        await using var reader = await TestClient.ConnectAsync(again);

        Assert.Equal([(0L, "new")], Batches.Read((await reader.FetchAsync("t", 0)).Records));
    }

    [Fact]
    public async Task A_second_broker_on_the_directory_is_refused_in_one_line_and_the_first_goes_on()
    {
        using var directory = new TemporaryDirectory();
        var options = new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path };
        await using var broker = await Brokers.StartAsync(options);

        var error = await Assert.ThrowsAsync<StorageException>(async () => await Brokers.StartAsync(options));

        Assert.Contains(directory.Path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
    }

    [Fact]
    public async Task A_port_in_use_is_told_and_nothing_is_left_behind()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        var second = new EmbeddedBrokerOptions { Port = broker.Port, Directory = directory.Path };

        var error = await Assert.ThrowsAsync<ConnectionException>(async () => await Brokers.StartAsync(second));

        Assert.Contains(broker.BootstrapServers, error.Message, StringComparison.Ordinal);
        await using var free = await Brokers.StartAsync(second with { Port = 0 });
    }

    [Fact]
    public async Task A_stopped_broker_frees_its_port_at_once()
    {
        var first = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await using var client = await TestClient.ConnectBySocketAsync(first);
        await client.CreateTopicAsync("t");
        await client.PostAsync(Brokers.Fetch("t", 0, maxWaitMs: 600_000), 12);
        var port = first.Port;

        var started = Stopwatch.GetTimestamp();
        await first.StopAsync();
        await first.StopAsync();

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5), "the stop waited for the fetch");
        await using var second = await Brokers.StartAsync(new EmbeddedBrokerOptions { Port = port });
        Assert.Equal(port, second.Port);
    }

    [Fact]
    public async Task All_faults_of_the_options_are_told_at_once()
    {
        var options = new EmbeddedBrokerOptions
        {
            Host = " ",
            Port = 70_000,
            Config = new Dictionary<string, string>
            {
                ["num.partition"] = "3",
                ["retention.ms"] = "3",
                ["log.retention.hours"] = "soon",
                ["advertised.listeners"] = "here",
            },
        };

        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await Brokers.StartAsync(options));

        Assert.Equal(6, options.Validate().Count);
        Assert.Contains("did you mean num.partitions?", error.Message, StringComparison.Ordinal);
        Assert.Contains("its default for all topics is log.retention.ms", error.Message, StringComparison.Ordinal);
        Assert.Contains("log.retention.hours", error.Message, StringComparison.Ordinal);
        Assert.Contains("PLAINTEXT://HOST:PORT", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_are_told_the_advertised_address()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions
        {
            Config = new Dictionary<string, string> { ["advertised.listeners"] = "PLAINTEXT://kafka.example:19092", ["node.id"] = "7" },
        });
        await using var client = await TestClient.ConnectAsync(broker);

        var node = Assert.Single((await client.SendAsync(new DescribeClusterRequest(), 0)).Brokers);

        Assert.Equal(("kafka.example", 19092, 7), (node.Host, node.Port, node.BrokerId));
        Assert.Equal("kafka.example:19092", broker.BootstrapServers);
    }

    [Theory]
    [InlineData("broker.id=5", 5)]
    [InlineData("node.id=6", 6)]
    [InlineData("broker.id=-1", 1)]
    public async Task The_brokers_id_is_set_by_its_name_of_today_or_its_older_one(string config, int expected)
    {
        await using var broker = await Brokers.StartAsync(config);
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal(expected, (await client.SendAsync(new DescribeClusterRequest(), 0)).ControllerId);
    }

    [Fact]
    public async Task A_silent_connection_is_closed_but_not_one_whose_fetch_waits()
    {
        var time = new FakeTimeProvider();
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions
        {
            Listen = false,
            TimeProvider = time,
            Config = new Dictionary<string, string> { ["connections.max.idle.ms"] = "10000" },
        });
        await using var silent = await TestClient.ConnectAsync(broker);
        await using var waiting = await TestClient.ConnectAsync(broker);
        await silent.CreateTopicAsync("t");
        await waiting.DescribeAsync("t");
        await waiting.PostAsync(Brokers.Fetch("t", 0, maxWaitMs: 1_000_000), 12);

        await using var writer = await TestClient.ConnectAsync(broker);
        for (var second = 0; second < 15; second++)
        {
            // A connection that is used stays, and its round trips give the broker the time to take up the fetch before the others count as
            // silent.
            await writer.DescribeAsync("t");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(await silent.IsClosedAsync());
        await writer.ProduceAsync("t", Batches.Of("a"));
        Assert.Single(Batches.Read((await waiting.ReceiveAsync<FetchRequest, FetchResponse>(12)).Responses[0].Partitions[0].Records));
    }
}
