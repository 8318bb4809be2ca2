using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class TopicsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public async Task A_created_topic_is_visible_to_the_next_request(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var response = await client.SendAsync(Create("t", 2), version);

        Assert.Equal(ErrorCode.None, (ErrorCode)response.Topics[0].ErrorCode);
        Assert.Equal(2, (await client.DescribeAsync("t")).Partitions.Length);
    }

    [Fact]
    public async Task Minus_one_means_the_brokers_defaults_and_the_answer_tells_settings_and_id()
    {
        await using var broker = await Brokers.StartAsync("num.partitions=5", "log.retention.hours=2");
        await using var client = await TestClient.ConnectAsync(broker);
        var request = Create("t", -1, -1, "segment.bytes=1048576");

        var topic = (await client.SendAsync(request)).Topics[0];

        Assert.Equal((5, (short)1), (topic.NumPartitions, topic.ReplicationFactor));
        Assert.NotEqual(Uuid.Zero, topic.TopicId);
        Assert.Contains(topic.Configs!, c => c is { Name: "segment.bytes", Value: "1048576", ConfigSource: 1 });
        Assert.Contains(topic.Configs!, c => c is { Name: "retention.ms", Value: "7200000", ConfigSource: 4 });
        Assert.Contains(topic.Configs!, c => c is { Name: "cleanup.policy", Value: "delete", ConfigSource: 5 });
    }

    [Theory]
    [InlineData("t", 0, 1, ErrorCode.InvalidPartitions)]
    [InlineData("t", -2, 1, ErrorCode.InvalidPartitions)]
    [InlineData("t", 1, 2, ErrorCode.InvalidReplicationFactor)]
    [InlineData("t", 1, 0, ErrorCode.InvalidReplicationFactor)]
    [InlineData("a/b", 1, 1, ErrorCode.InvalidTopicException)]
    [InlineData("old", 1, 1, ErrorCode.TopicAlreadyExists)]
    [InlineData("o.d_d", 1, 1, ErrorCode.InvalidTopicException)]
    public async Task What_cannot_be_created_says_why(string name, int partitions, short factor, ErrorCode expected)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("old");
        await client.CreateTopicAsync("o_d.d");

        var topic = (await client.SendAsync(Create(name, partitions, factor))).Topics[0];

        Assert.Equal(expected, (ErrorCode)topic.ErrorCode);
        Assert.NotNull(topic.ErrorMessage);
    }

    [Theory]
    [InlineData("retention.msec=1", "did you mean retention.ms?")]
    [InlineData("cleanup.policy=sometimes", "String must be one of: compact, delete")]
    [InlineData("segment.bytes=many", "Not a number of type INT")]
    [InlineData("min.cleanable.dirty.ratio=1.5", "no more than 1")]
    public async Task A_bad_setting_is_refused_with_a_hint(string config, string hint)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var topic = (await client.SendAsync(Create("t", 1, 1, config))).Topics[0];

        Assert.Equal(ErrorCode.InvalidConfig, (ErrorCode)topic.ErrorCode);
        Assert.Contains(hint, topic.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_given_twice_is_invalid_and_creates_nothing()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var request = new CreateTopicsRequest { Topics = [Create("t", 1).Topics[0], Create("t", 2).Topics[0]] };

        var topic = Assert.Single((await client.SendAsync(request)).Topics);

        Assert.Equal(ErrorCode.InvalidRequest, (ErrorCode)topic.ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)(await client.DescribeAsync("t")).ErrorCode);
    }

    [Fact]
    public async Task Validation_only_creates_nothing()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var request = Create("t", 3);
        request.ValidateOnly = true;

        var topic = (await client.SendAsync(request)).Topics[0];

        Assert.Equal((ErrorCode.None, 3), ((ErrorCode)topic.ErrorCode, topic.NumPartitions));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)(await client.DescribeAsync("t")).ErrorCode);
    }

    [Fact]
    public async Task Manual_assignments_may_name_this_broker_only_and_want_minus_one_for_both_numbers()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal(ErrorCode.None, await TryAsync(-1, -1, (0, 1), (1, 1)));
        Assert.Equal(ErrorCode.InvalidRequest, await TryAsync(2, -1, (0, 1), (1, 1)));
        Assert.Equal(ErrorCode.InvalidRequest, await TryAsync(-1, 1, (0, 1)));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, await TryAsync(-1, -1, (0, 2)));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, await TryAsync(-1, -1, (0, 1), (2, 1)));

        async Task<ErrorCode> TryAsync(int partitions, short factor, params (int Partition, int Broker)[] assignments)
        {
            var request = Create($"t{Uuid.NewRandom()}", partitions, factor);
            request.Topics[0].Assignments =
            [
                .. assignments.Select(a => new CreateTopicsRequest.CreatableReplicaAssignment
                {
                    PartitionIndex = a.Partition,
                    BrokerIds = [a.Broker],
                }),
            ];
            return (ErrorCode)(await client.SendAsync(request)).Topics[0].ErrorCode;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task A_deleted_topic_is_gone_and_a_new_one_of_its_name_is_empty_with_another_id(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var first = await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("a"));

        var deleted = await client.SendAsync(version >= 6
            ? new DeleteTopicsRequest { Topics = [new() { TopicId = first }] }
            : new DeleteTopicsRequest { TopicNames = ["t"] }, version);
        var missing = (await client.DescribeAsync("t")).ErrorCode;
        var second = await client.CreateTopicAsync("t");

        Assert.Equal(("t", ErrorCode.None), (deleted.Responses[0].Name, (ErrorCode)deleted.Responses[0].ErrorCode));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)missing);
        Assert.NotEqual(first, second);
        Assert.Equal(0, (await client.FetchAsync("t", 0)).HighWatermark);
    }

    [Fact]
    public async Task Deleting_what_is_not_there_says_so_by_name_and_by_id()
    {
        await using var broker = await Brokers.StartAsync();
        await using var strict = await Brokers.StartAsync("delete.topic.enable=false");
        await using var client = await TestClient.ConnectAsync(broker);
        await using var strictClient = await TestClient.ConnectAsync(strict);

        var response = await client.SendAsync(new DeleteTopicsRequest
        {
            Topics = [new() { Name = "no" }, new() { TopicId = Uuid.NewRandom() }, new() { Name = "twice" }, new() { Name = "twice" }],
        });
        var refused = await strictClient.SendAsync(new DeleteTopicsRequest { Topics = [new() { Name = "no" }] });

        Assert.Equal(
            [ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicId, ErrorCode.InvalidRequest],
            response.Responses.Select(r => (ErrorCode)r.ErrorCode));
        Assert.Equal(ErrorCode.TopicDeletionDisabled, (ErrorCode)refused.Responses[0].ErrorCode);
    }

    [Fact]
    public async Task Added_partitions_are_visible_to_the_next_request()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 2);

        Assert.Equal(ErrorCode.None, await AddAsync("t", 4));
        Assert.Equal(4, (await client.DescribeAsync("t")).Partitions.Length);
        Assert.Equal(ErrorCode.None, (ErrorCode)(await client.ProduceAsync("t", Batches.Of("a"), partition: 3)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidPartitions, await AddAsync("t", 4));
        Assert.Equal(ErrorCode.InvalidPartitions, await AddAsync("t", 3));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await AddAsync("no", 3));

        async Task<ErrorCode> AddAsync(string topic, int count)
        {
            var request = new CreatePartitionsRequest { Topics = [new() { Name = topic, Count = count, Assignments = null }] };
            return (ErrorCode)(await client.SendAsync(request)).Results[0].ErrorCode;
        }
    }

    private static CreateTopicsRequest Create(string name, int partitions, short factor = 1, params string[] configs) => new()
    {
        Topics =
        [
            new()
            {
                Name = name,
                NumPartitions = partitions,
                ReplicationFactor = factor,
                Configs = Brokers.TopicConfigs(configs),
            },
        ],
    };
}
