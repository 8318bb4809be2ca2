using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class MetadataTests
{
    [Fact]
    public async Task The_broker_is_named_by_the_address_that_was_used_and_is_the_controller()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await using var client = await TestClient.ConnectBySocketAsync(broker);

        var response = await client.SendAsync(new MetadataRequest { Topics = [] });

        var node = Assert.Single(response.Brokers);
        Assert.Equal(("127.0.0.1", broker.Port, 1), (node.Host, node.Port, node.NodeId));
        Assert.Equal(1, response.ControllerId);
        Assert.Equal(broker.ClusterId, response.ClusterId);
    }

    [Fact]
    public async Task Null_asks_for_all_topics_and_an_empty_list_for_none_from_version_1_on()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("b");
        await client.CreateTopicAsync("a");

        for (short version = 1; version <= 13; version++)
        {
            Assert.Equal(["a", "b"], (await client.SendAsync(new MetadataRequest { Topics = null }, version)).Topics.Select(t => t.Name));
            Assert.Empty((await client.SendAsync(new MetadataRequest { Topics = [] }, version)).Topics);
        }

        Assert.Equal(["a", "b"], (await client.SendAsync(new MetadataRequest { Topics = [] }, 0)).Topics.Select(t => t.Name));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(13)]
    public async Task A_missing_topic_is_created_and_described_at_once(short version)
    {
        await using var broker = await Brokers.StartAsync("num.partitions=3");
        await using var client = await TestClient.ConnectAsync(broker);

        var response = await client.SendAsync(new MetadataRequest { Topics = [new() { Name = "fresh" }] }, version);

        Assert.Equal(ErrorCode.None, (ErrorCode)response.Topics[0].ErrorCode);
        Assert.Equal([0, 1, 2], response.Topics[0].Partitions.Select(p => p.PartitionIndex));
        Assert.All(response.Topics[0].Partitions, p => Assert.Equal(1, p.LeaderId));
    }

    [Fact]
    public async Task Nothing_is_created_when_the_request_or_the_broker_forbids_it()
    {
        await using var broker = await Brokers.StartAsync();
        await using var strict = await Brokers.StartAsync("auto.create.topics.enable=false");
        await using var client = await TestClient.ConnectAsync(broker);
        await using var strictClient = await TestClient.ConnectAsync(strict);

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)(await client.DescribeAsync("t")).ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)(await strictClient.DescribeAsync("t", create: true)).ErrorCode);
        Assert.Empty((await strictClient.SendAsync(new MetadataRequest { Topics = null })).Topics);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("ü")]
    public async Task A_bad_name_is_an_invalid_topic(string name)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal(ErrorCode.InvalidTopicException, (ErrorCode)(await client.DescribeAsync(name, create: true)).ErrorCode);
        Assert.Equal(
            ErrorCode.InvalidTopicException, (ErrorCode)(await client.DescribeAsync(new string('a', 250), create: true)).ErrorCode);
    }

    [Fact]
    public async Task Topics_are_found_by_id_and_unknown_ids_say_so()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var id = await client.CreateTopicAsync("t");
        var stranger = Uuid.NewRandom();

        var response = await client.SendAsync(new MetadataRequest { Topics = [new() { TopicId = id }, new() { TopicId = stranger }] }, 12);

        Assert.Equal("t", response.Topics[0].Name);
        Assert.Equal(
            (ErrorCode.UnknownTopicId, null, stranger),
            ((ErrorCode)response.Topics[1].ErrorCode, response.Topics[1].Name, response.Topics[1].TopicId));
    }

    [Fact]
    public async Task Authorized_operations_are_told_only_when_asked_for()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        var told = await client.SendAsync(
            new MetadataRequest { IncludeTopicAuthorizedOperations = true, IncludeClusterAuthorizedOperations = true }, 8);
        var untold = await client.SendAsync(new MetadataRequest(), 8);

        Assert.Equal((3576, 8096), (told.Topics.SingleOrDefault()?.TopicAuthorizedOperations ?? 3576, told.ClusterAuthorizedOperations));
        Assert.Equal(int.MinValue, untold.ClusterAuthorizedOperations);
    }

    [Fact]
    public async Task The_offsets_topic_is_internal()
    {
        await using var broker = await Brokers.StartAsync("offsets.topic.num.partitions=2");
        await using var client = await TestClient.ConnectAsync(broker);

        var topic = await client.DescribeAsync("__consumer_offsets", create: true);

        Assert.True(topic.IsInternal);
        Assert.Equal(2, topic.Partitions.Length);
    }
}
