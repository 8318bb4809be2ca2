using Caudal.Client.Connections;
using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Client.Tests.Connections;

public sealed class BrokerConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Versions_are_agreed_on_with_brokers_old_and_new(short brokersHighest)
    {
        await using var cluster = new FakeCluster { MaxVersions = { [ApiKey.ApiVersions] = brokersHighest, [ApiKey.Produce] = 8 } };
        await using var connection = await OpenAsync(cluster);

        Assert.Equal(8, connection.Versions.Choose<ProduceRequest, ProduceResponse>());
        Assert.Equal(brokersHighest < 3 ? 2 : 1, cluster.Count(ApiKey.ApiVersions));
    }

    [Fact]
    public async Task A_broker_without_a_common_version_is_named_with_both_ranges()
    {
        await using var cluster = new FakeCluster { MaxVersions = { [ApiKey.Produce] = 2 } };
        await using var connection = await OpenAsync(cluster);

        var error = Assert.Throws<UnsupportedVersionException>(() => connection.Versions.Choose<ProduceRequest, ProduceResponse>());
        Assert.Contains("fake-1:9092", error.Message);
        Assert.Contains("3 to 13", error.Message);
    }

    [Fact]
    public async Task Requests_are_answered_in_the_order_in_which_they_were_sent()
    {
        await using var cluster = new FakeCluster();
        var held = new TaskCompletionSource<FakeReply?>();
        cluster.Script = call => call.Key == ApiKey.Metadata && cluster.Count(ApiKey.Metadata) == 1
            ? new ValueTask<FakeReply?>(held.Task)
            : default;
        await using var connection = await OpenAsync(cluster);
        cluster.AddTopic("a");
        cluster.AddTopic("b");

        var first = await BeginAsync(connection, "a");
        var second = await BeginAsync(connection, "b");
        var secondAnswer = second.ResponseAsync(Token).AsTask();
        await cluster.WhenAsync(c => c.Count(ApiKey.Metadata) == 1);
        Assert.False(secondAnswer.IsCompleted);
        held.SetResult(null);

        Assert.Equal("a", (await first.ResponseAsync(Token)).ReadAndDispose<MetadataResponse>().Topics[0].Name);
        Assert.Equal("b", (await secondAnswer).ReadAndDispose<MetadataResponse>().Topics[0].Name);
    }

    [Fact]
    public async Task An_overdue_answer_cuts_the_connection_and_fails_all_that_waits()
    {
        await using var cluster = new FakeCluster
        {
            Script = call => ValueTask.FromResult(
            call.Key == ApiKey.Metadata ? FakeReply.Silence : null)
        };
        var time = new FakeTimeProvider();
        await using var connection = await OpenAsync(cluster, time);
        var first = (await BeginAsync(connection, "a")).ResponseAsync(Token).AsTask();
        time.Advance(TimeSpan.FromSeconds(29));
        var second = (await BeginAsync(connection, "b")).ResponseAsync(Token).AsTask();
        Assert.False(first.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(1));

        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(() => first);
        Assert.Contains("Metadata within 30000 ms (request.timeout.ms)", error.Message);
        await Assert.ThrowsAsync<KafkaTimeoutException>(() => second);
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task Giving_up_an_answer_leaves_the_connection_usable()
    {
        await using var cluster = new FakeCluster();
        var held = new TaskCompletionSource<FakeReply?>();
        cluster.Script = call => call.Key == ApiKey.Metadata && cluster.Count(ApiKey.Metadata) == 1
            ? new ValueTask<FakeReply?>(held.Task)
            : default;
        await using var connection = await OpenAsync(cluster);
        using var impatient = new CancellationTokenSource();

        var given = (await BeginAsync(connection, "a")).ResponseAsync(impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        held.SetResult(null);

        var next = await BeginAsync(connection, "b");
        Assert.Equal("b", (await next.ResponseAsync(Token)).ReadAndDispose<MetadataResponse>().Topics[0].Name);
    }

    [Fact]
    public async Task A_connection_that_breaks_fails_what_waits_on_it()
    {
        await using var cluster = new FakeCluster
        {
            Script = call => ValueTask.FromResult(
            call.Key == ApiKey.Metadata ? FakeReply.Disconnect : null)
        };
        await using var connection = await OpenAsync(cluster);

        var pending = await BeginAsync(connection, "a");

        var error = await Assert.ThrowsAsync<ConnectionException>(() => pending.ResponseAsync(Token).AsTask());
        Assert.True(error.IsRetriable);
        await connection.Closed;
        await Assert.ThrowsAsync<ConnectionException>(async () => await BeginAsync(connection, "b"));
    }

    [Fact]
    public async Task A_peer_that_does_not_speak_is_given_up_after_the_connect_timeout()
    {
        await using var cluster = new FakeCluster { Script = _ => ValueTask.FromResult<FakeReply?>(FakeReply.Silence) };
        var time = new FakeTimeProvider();
        var opening = OpenAsync(cluster, time).AsTask();
        await cluster.WhenAsync(c => c.Count(ApiKey.ApiVersions) == 1);

        time.Advance(TimeSpan.FromSeconds(10));

        var error = await Assert.ThrowsAsync<ConnectionException>(() => opening);
        Assert.Contains("no answer within 10 s", error.Message);
    }

    private static ValueTask<BrokerConnection> OpenAsync(FakeCluster cluster, TimeProvider? time = null)
    {
        var options = cluster.ClientOptions with { TimeProvider = time ?? TimeProvider.System };
        return BrokerConnection.OpenAsync(new BrokerAddress(1, cluster.Brokers[0].Host, cluster.Brokers[0].Port), options, Token);
    }

    private static ValueTask<PendingRequest> BeginAsync(BrokerConnection connection, string topic) =>
        connection.BeginAsync<MetadataRequest, MetadataResponse>(new MetadataRequest { Topics = [new() { Name = topic }] }, 9, Token);
}
