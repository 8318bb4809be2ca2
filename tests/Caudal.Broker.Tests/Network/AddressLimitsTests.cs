using Caudal.Broker.Network;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Broker.Tests.Network;

public sealed class AddressLimitsTests
{
    [Theory]
    [InlineData("/10.0.0.1", 7)]
    [InlineData("/::ffff:10.0.0.1", 7)]
    [InlineData("/fd00::1", 0)]
    [InlineData("/127.0.0.1", 9)]
    [InlineData("/10.0.0.2", 3)]
    [InlineData("/memory", 3)]
    public void Addresses_and_names_that_are_named_have_limits_of_their_own(string client, int limit) =>
        Assert.Equal(limit, AddressLimits.Create(3, ["10.0.0.1:7", "[fd00::1]:0", "localhost:9"]).For(client));

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData(":5")]
    [InlineData("10.0.0.1:")]
    [InlineData("10.0.0.1:many")]
    [InlineData("10.0.0.1:-1")]
    public async Task A_word_that_is_no_host_and_count_is_refused_by_its_name(string word)
    {
        var options = new EmbeddedBrokerOptions
        {
            Listen = false,
            Config = new Dictionary<string, string> { [AddressLimits.Setting] = word },
        };
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Brokers.StartAsync(options));
        Assert.Contains($"{AddressLimits.Setting}. Write HOST:COUNT", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_is_not_known_is_named()
    {
        var refused = Assert.Throws<ConnectionException>(() => AddressLimits.Create(3, ["no.such.host.invalid:1"]));
        Assert.Contains("no.such.host.invalid", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_keeps_to_what_is_said_of_one_address()
    {
        var config = new Dictionary<string, string> { ["max.connections.per.ip"] = "0", [AddressLimits.Setting] = "127.0.0.1:1" };
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Config = config });
        await using var first = await TestClient.ConnectBySocketAsync(broker);
        Assert.Equal(1, (await first.SendAsync(new DescribeClusterRequest(), 0)).ControllerId);
        await using var second = await TestClient.ConnectBySocketAsync(broker);
        Assert.True(await second.IsClosedAsync());
    }
}
