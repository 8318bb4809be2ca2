using Caudal.Broker.Configuration;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class ConfigsTests
{
    private const sbyte Set = 0;
    private const sbyte Delete = 1;
    private const sbyte Append = 2;
    private const sbyte Subtract = 3;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_topic_setting_has_a_value_set_or_not(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "retention.ms=1000");

        var settings = await DescribeAsync(client, ConfigResources.Topic, "t", version);

        Assert.Equal("1000", settings["retention.ms"].Value);
        Assert.Equal("delete", settings["cleanup.policy"].Value);
        Assert.All(settings.Values, s => Assert.NotNull(s.Value));
        if (version == 0)
            Assert.False(settings["retention.ms"].IsDefault);
        else
            Assert.Equal(((sbyte)1, (sbyte)5), (settings["retention.ms"].ConfigSource, settings["cleanup.policy"].ConfigSource));
    }

    [Fact]
    public async Task Synonyms_show_where_a_value_could_come_from()
    {
        await using var broker = await Brokers.StartAsync("log.retention.hours=1");
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "retention.ms=1000");
        var request = new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = ConfigResources.Topic, ResourceName = "t", ConfigurationKeys = ["retention.ms"] }],
            IncludeSynonyms = true,
            IncludeDocumentation = true,
        };

        var setting = Assert.Single((await client.SendAsync(request)).Results[0].Configs);

        Assert.Equal(
            [
                ("retention.ms", "1000", (sbyte)1),
            ],
            setting.Synonyms.Select(s => (s.Name, s.Value, s.Source)));
        // Kafka tells the hours only once log.retention.ms has a value, and then in hours.
        Assert.Equal(ErrorCode.None, await AlterBrokerAsync(client, "", "log.retention.ms", "2000"));
        setting = Assert.Single((await client.SendAsync(request)).Results[0].Configs);
        Assert.Equal(
            [
                ("retention.ms", "1000", (sbyte)1),
                ("log.retention.ms", "2000", (sbyte)3),
                ("log.retention.hours", "1", (sbyte)4),
                ("log.retention.hours", "168", (sbyte)5),
            ],
            setting.Synonyms.Select(s => (s.Name, s.Value, s.Source)));
        Assert.Equal((sbyte)ConfigType.Long, setting.ConfigType);
        Assert.False(string.IsNullOrEmpty(setting.Documentation));
    }

    [Fact]
    public async Task Lists_grow_from_the_default_and_shrink()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.None, await AlterAsync(client, "t", ("cleanup.policy", Append, "compact")));
        Assert.Equal("delete,compact", (await DescribeAsync(client, ConfigResources.Topic, "t"))["cleanup.policy"].Value);
        Assert.Equal(ErrorCode.None, await AlterAsync(client, "t", ("cleanup.policy", Subtract, "delete")));
        Assert.Equal("compact", (await DescribeAsync(client, ConfigResources.Topic, "t"))["cleanup.policy"].Value);
        Assert.Equal(ErrorCode.None, await AlterAsync(client, "t", ("cleanup.policy", Delete, null)));
        Assert.Equal("delete", (await DescribeAsync(client, ConfigResources.Topic, "t"))["cleanup.policy"].Value);
        Assert.Equal(ErrorCode.InvalidConfig, await AlterAsync(client, "t", ("retention.ms", Append, "1")));
    }

    [Fact]
    public async Task A_resource_changes_whole_or_not_at_all()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.InvalidConfig, await AlterAsync(client, "t", ("retention.ms", Set, "5"), ("segment.bytes", Set, "none")));
        Assert.Equal("604800000", (await DescribeAsync(client, ConfigResources.Topic, "t"))["retention.ms"].Value);
        Assert.Equal(ErrorCode.InvalidRequest, await AlterAsync(client, "t", ("retention.ms", Set, "5"), ("retention.ms", Set, "6")));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await AlterAsync(client, "no", ("retention.ms", Set, "5")));
    }

    [Fact]
    public async Task A_changed_setting_counts_for_the_next_append()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        await AlterAsync(client, "t", ("max.message.bytes", Set, "100"));

        Assert.Equal(ErrorCode.MessageTooLarge, (ErrorCode)(await client.ProduceAsync("t", Batches.OfSize(200))).ErrorCode);
    }

    [Fact]
    public async Task Topics_follow_the_brokers_dynamic_settings()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.None, await AlterBrokerAsync(client, "", "message.max.bytes", "100"));
        var followed = (await DescribeAsync(client, ConfigResources.Topic, "t"))["max.message.bytes"];
        var all = await DescribeAsync(client, ConfigResources.Broker, "");
        var own = await DescribeAsync(client, ConfigResources.Broker, "1");

        Assert.Equal(("100", (sbyte)3), (followed.Value, followed.ConfigSource));
        Assert.Equal(["message.max.bytes"], all.Keys);
        Assert.Equal(("100", false), (own["message.max.bytes"].Value, own["message.max.bytes"].ReadOnly));
        Assert.True(own["node.id"].ReadOnly);
        Assert.Equal(ErrorCode.MessageTooLarge, (ErrorCode)(await client.ProduceAsync("t", Batches.OfSize(200))).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, await AlterBrokerAsync(client, "1", "node.id", "2"));
        Assert.Equal(ErrorCode.InvalidRequest, await AlterBrokerAsync(client, "2", "message.max.bytes", "2"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Replacing_settings_resets_those_that_are_not_named(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "retention.ms=1000", "segment.ms=2000");

        Assert.Equal(ErrorCode.InvalidConfig, await ReplaceAsync("no.such", "1"));
        Assert.Equal(ErrorCode.InvalidRequest, await ReplaceAsync("segment.ms", null));
        Assert.Equal(ErrorCode.None, await ReplaceAsync("segment.ms", "3000", validateOnly: true));
        Assert.Equal("2000", (await DescribeAsync(client, ConfigResources.Topic, "t"))["segment.ms"].Value);
        Assert.Equal(ErrorCode.None, await ReplaceAsync("segment.ms", "3000"));
        var settings = await DescribeAsync(client, ConfigResources.Topic, "t");

        Assert.Equal(("3000", "604800000"), (settings["segment.ms"].Value, settings["retention.ms"].Value));

        async Task<ErrorCode> ReplaceAsync(string name, string? value, bool validateOnly = false)
        {
            var resource = new AlterConfigsRequest.AlterConfigsResource
            {
                ResourceType = ConfigResources.Topic,
                ResourceName = "t",
                Configs = [new() { Name = name, Value = value }],
            };
            var request = new AlterConfigsRequest { Resources = [resource], ValidateOnly = validateOnly };
            return (ErrorCode)(await client.SendAsync(request, version)).Responses[0].ErrorCode;
        }
    }

    [Theory]
    [InlineData("cleanup.policy", "none", "String must be one of: compact, delete")]
    [InlineData("compression.gzip.level", "0", "Value must be between 1 and 9 or equal to -1")]
    [InlineData("segment.bytes", "1048575", "Value must be at least 1048576")]
    [InlineData("preallocate", "yes", "Expected value to be either true or false")]
    [InlineData("compression.zstd.level", "23", "Value must be no more than 22")]
    public void Faults_are_told_in_Kafkas_words(string name, string value, string reason)
    {
        var fault = TopicConfigs.Check(new Dictionary<string, string> { [name] = value });

        Assert.Equal($"Invalid value {value} for configuration {name}: {reason}", fault);
    }

    [Fact]
    public void Some_faults_show_in_two_settings_or_in_a_list_only()
    {
        Assert.Equal(
            "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)",
            Check(("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "5")));
        Assert.Equal(
            "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
            Check(("min.cleanable.dirty.ratio", "2")));
        Assert.StartsWith(
            "Invalid value [x] for configuration leader.replication.throttled.replicas: ",
            Check(("leader.replication.throttled.replicas", "x")));
        Assert.Null(Check(("leader.replication.throttled.replicas", "0:1,1:1")));
        Assert.Null(Check(("leader.replication.throttled.replicas", "*")));
        Assert.Null(Check(("cleanup.policy", "")));
        Assert.Null(Check(("compression.gzip.level", "-1")));

        static string? Check(params (string Name, string Value)[] configs) =>
            TopicConfigs.Check(configs.ToDictionary(c => c.Name, c => c.Value));
    }

    [Fact]
    public async Task What_has_no_settings_says_so()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var request = new DescribeConfigsRequest
        {
            Resources =
            [
                new() { ResourceType = ConfigResources.Topic, ResourceName = "no" },
                new() { ResourceType = ConfigResources.Broker, ResourceName = "7" },
                new() { ResourceType = 8, ResourceName = "1" },
            ],
        };

        var response = await client.SendAsync(request);

        Assert.Equal(
            [ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidRequest, ErrorCode.InvalidRequest],
            response.Results.Select(r => (ErrorCode)r.ErrorCode));
    }

    private static async Task<Dictionary<string, DescribeConfigsResponse.DescribeConfigsResourceResult>> DescribeAsync(
        TestClient client, sbyte type, string name, short version = 4)
    {
        var request = new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = type, ResourceName = name, ConfigurationKeys = null }],
        };
        var result = (await client.SendAsync(request, version)).Results[0];
        Assert.Equal(ErrorCode.None, (ErrorCode)result.ErrorCode);
        return result.Configs.ToDictionary(c => c.Name);
    }

    private static async Task<ErrorCode> AlterBrokerAsync(TestClient client, string name, string config, string value)
    {
        var resource = new IncrementalAlterConfigsRequest.AlterConfigsResource
        {
            ResourceType = ConfigResources.Broker,
            ResourceName = name,
            Configs = [new() { Name = config, Value = value }],
        };
        var response = await client.SendAsync(new IncrementalAlterConfigsRequest { Resources = [resource] });
        return (ErrorCode)response.Responses[0].ErrorCode;
    }

    private static async Task<ErrorCode> AlterAsync(
        TestClient client, string topic, params (string Name, sbyte Operation, string? Value)[] changes)
    {
        var resource = new IncrementalAlterConfigsRequest.AlterConfigsResource
        {
            ResourceType = ConfigResources.Topic,
            ResourceName = topic,
            Configs =
            [
                .. changes.Select(c => new IncrementalAlterConfigsRequest.AlterableConfig
                {
                    Name = c.Name,
                    ConfigOperation = c.Operation,
                    Value = c.Value,
                }),
            ],
        };
        return (ErrorCode)(await client.SendAsync(new IncrementalAlterConfigsRequest { Resources = [resource] })).Responses[0].ErrorCode;
    }
}
