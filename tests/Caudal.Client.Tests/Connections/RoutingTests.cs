using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Client.Tests.Connections;

public sealed class RoutingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_reaches_the_broker_that_it_is_for()
    {
        await using var cluster = new FakeCluster(brokers: 3);
        cluster.AddTopic("t", 3);
        await using var client = await KafkaClient.ConnectAsync(cluster.ClientOptions, Token);

        Assert.Equal(1, await AskAsync(BrokerTarget.Controller));
        Assert.Equal(2, await AskAsync(BrokerTarget.Node(2)));
        Assert.Equal(3, await AskAsync(BrokerTarget.Coordinator("g")));
        Assert.Equal(2, await AskAsync(BrokerTarget.Leader("t", 1)));

        async Task<int> AskAsync(BrokerTarget target)
        {
            await client.SendAsync<InitProducerIdRequest, InitProducerIdResponse>(target, new InitProducerIdRequest(), Token);
            return cluster.Calls.Last(call => call.Key == ApiKey.InitProducerId).Broker.Id;
        }
    }

    [Fact]
    public async Task Connecting_to_nobody_fails_at_once_and_says_who_was_tried()
    {
        var options = new KafkaClientOptions { BootstrapServers = "nowhere:1,elsewhere:2", Connector = new InMemoryNetwork() };
        var error = await Assert.ThrowsAsync<ConnectionException>(() => KafkaClient.ConnectAsync(options, Token).AsTask());
        Assert.Contains("nowhere:1, elsewhere:2", error.Message);
    }

    [Fact]
    public async Task A_broker_that_cannot_be_found_is_waited_for_no_longer_than_the_api_timeout()
    {
        await using var cluster = new FakeCluster();
        var options = cluster.ClientOptions with
        {
            RequestTimeout = TimeSpan.FromMilliseconds(100),
            ApiTimeout = TimeSpan.FromMilliseconds(100),
        };
        await using var client = new KafkaClient(options);

        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(
            () => client.SendAsync<InitProducerIdRequest, InitProducerIdResponse>(
                BrokerTarget.Node(7), new InitProducerIdRequest(), Token).AsTask());
        Assert.Contains("broker 7 could not be reached within 100 ms (default.api.timeout.ms)", error.Message);
    }

    [Fact]
    public async Task When_all_known_brokers_are_gone_the_bootstrap_list_is_used_again()
    {
        await using var cluster = new FakeCluster(brokers: 2);
        await using var client = await KafkaClient.ConnectAsync(cluster.ClientOptions with { BootstrapServers = "fake-1:9092" }, Token);
        await cluster.Brokers[1].StopAsync();
        await client.Metadata.RefreshAsync(null, Token);
        Assert.Single(client.Metadata.Current.Brokers);

        // The one that is known moves; its old place is still in the list, where a new broker answers.
        cluster.Brokers.RemoveAt(1);
        await cluster.Brokers[0].StopAsync();
        await Assert.ThrowsAsync<ConnectionException>(() => client.Metadata.RefreshAsync(null, Token));
        cluster.Brokers[0].Start();
        await client.Metadata.RefreshAsync(null, Token);

        Assert.Equal(1, Assert.Single(client.Metadata.Current.Brokers).Id);
    }

    [Fact]
    public async Task A_disposed_client_fails_what_waits()
    {
        await using var cluster = new FakeCluster
        {
            Script = call => ValueTask.FromResult(
            call.Key == ApiKey.InitProducerId ? FakeReply.Silence : null)
        };
        var client = await KafkaClient.ConnectAsync(cluster.ClientOptions, Token);
        var waiting = client.SendAsync<InitProducerIdRequest, InitProducerIdResponse>(
            BrokerTarget.Any, new InitProducerIdRequest(), Token).AsTask();
        await cluster.WhenAsync(c => c.Count(ApiKey.InitProducerId) == 1);

        await client.DisposeAsync();

        await Assert.ThrowsAsync<ClientClosedException>(() => waiting);
    }

    [Fact]
    public async Task Faults_of_options_are_listed_together()
    {
        var error = Assert.Throws<ArgumentException>(
            () => new KafkaClient(new KafkaClientOptions { RequestTimeout = TimeSpan.Zero, MetadataMaxAge = TimeSpan.Zero }));
        Assert.Contains("bootstrap.servers", error.Message);
        Assert.Contains("request.timeout.ms is 0 ms; it must be from 100 ms", error.Message);
        Assert.Contains("metadata.max.age.ms", error.Message);
        await Task.CompletedTask;
    }
}
