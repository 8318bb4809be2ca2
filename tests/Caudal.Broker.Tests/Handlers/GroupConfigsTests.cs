using Caudal.Broker.Configuration;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class GroupConfigsTests
{
    [Fact]
    public async Task A_group_has_the_defaults_until_somebody_sets_its_own()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var before = await DescribeAsync(client, "g");
        var altered = await AlterAsync(client, ConfigResources.Group, "g", "consumer.session.timeout.ms", "50000");
        var after = await DescribeAsync(client, "g");

        Assert.Equal(17, before.Count);
        var fallback = before["consumer.session.timeout.ms"];
        Assert.Equal(("45000", (sbyte)5), (fallback.Value, fallback.ConfigSource));
        Assert.Equal((ErrorCode.None, null), altered);
        var own = after["consumer.session.timeout.ms"];
        Assert.Equal(("50000", (sbyte)8), (own.Value, own.ConfigSource));
        Assert.Equal(
            [("consumer.session.timeout.ms", "50000"), ("group.consumer.session.timeout.ms", "45000")],
            own.Synonyms.Select(s => (s.Name, s.Value!)));
        Assert.Equal(["g"], await GroupsAsync(client));
    }

    [Theory]
    [InlineData("consumer.session.timeout.ms", "100", "must be greater than or equal to group.consumer.min.session.timeout.ms")]
    [InlineData("consumer.session.timeout.ms", "900000", "must be less than or equal to group.consumer.max.session.timeout.ms")]
    [InlineData("consumer.session.timeout.ms", "abc", "Not a number of type INT")]
    [InlineData("streams.num.standby.replicas", "9", "must be less than or equal to group.streams.max.standby.replicas")]
    [InlineData("share.isolation.level", "x", "String must be one of: read_committed, read_uncommitted")]
    [InlineData("share.auto.offset.reset", "foo", "either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'")]
    [InlineData("nonsense", "1", "Unknown group config name: nonsense")]
    public async Task What_Kafka_refuses_is_refused_in_its_words(string name, string value, string words)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var (error, message) = await AlterAsync(client, ConfigResources.Group, "g", name, value);

        Assert.Equal(ErrorCode.InvalidConfig, error);
        Assert.Contains(words, message);
        Assert.Empty(await GroupsAsync(client));
    }

    [Fact]
    public async Task A_duration_is_a_place_to_start()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal(
            ErrorCode.None, (await AlterAsync(client, ConfigResources.Group, "g", "share.auto.offset.reset", "by_duration:PT1H")).Error);
    }

    [Fact]
    public async Task A_groups_settings_survive_a_restart_and_are_gone_when_deleted()
    {
        using var directory = new TemporaryDirectory();
        await using (var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path }))
        {
            await using var client = await TestClient.ConnectAsync(broker);
            await AlterAsync(client, ConfigResources.Group, "g", "consumer.heartbeat.interval.ms", "6000");
        }

        await using var again = await Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path });
        await using var reader = await TestClient.ConnectAsync(again);
        Assert.Equal("6000", (await DescribeAsync(reader, "g"))["consumer.heartbeat.interval.ms"].Value);
        await AlterAsync(reader, ConfigResources.Group, "g", "consumer.heartbeat.interval.ms", null, delete: true);
        Assert.Empty(await GroupsAsync(reader));
    }

    [Fact]
    public async Task What_means_nothing_here_may_be_altered_on_a_running_broker_but_not_given_at_its_start()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal((ErrorCode.None, null), await AlterAsync(client, ConfigResources.Broker, "", "num.io.threads", "16"));
        Assert.Equal(
            ErrorCode.InvalidRequest, (await AlterAsync(client, ConfigResources.Broker, "", "num.io.threads", "many")).Error);
        var options = new EmbeddedBrokerOptions { Config = new Dictionary<string, string> { ["num.io.threads"] = "16" } };
        Assert.Contains("num.io.threads has no effect on this broker", Assert.Single(options.Validate()));
    }

    private static async Task<Dictionary<string, DescribeConfigsResponse.DescribeConfigsResourceResult>> DescribeAsync(
        TestClient client, string group)
    {
        var response = await client.SendAsync(new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = ConfigResources.Group, ResourceName = group }],
            IncludeSynonyms = true,
        });
        return response.Results[0].Configs.ToDictionary(c => c.Name);
    }

    private static async Task<(ErrorCode Error, string? Message)> AlterAsync(
        TestClient client, sbyte type, string resource, string name, string? value, bool delete = false)
    {
        var result = (await client.SendAsync(new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    ResourceType = type,
                    ResourceName = resource,
                    Configs = [new() { Name = name, Value = value, ConfigOperation = (sbyte)(delete ? 1 : 0) }],
                },
            ],
        })).Responses[0];
        return ((ErrorCode)result.ErrorCode, result.ErrorMessage);
    }

    private static async Task<IEnumerable<string>> GroupsAsync(TestClient client) =>
        (await client.SendAsync(new ListConfigResourcesRequest { ResourceTypes = [ConfigResources.Group] }))
        .ConfigResources.Select(r => r.ResourceName);
}
