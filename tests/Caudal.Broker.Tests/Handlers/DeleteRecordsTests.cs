using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class DeleteRecordsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Records_before_the_offset_are_gone_and_the_next_continues(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("a", "b"));
        await client.ProduceAsync("t", Batches.Of("c"));

        Assert.Equal((ErrorCode.None, 2L), await DeleteAsync(client, "t", 2, version));
        Assert.Equal(ErrorCode.OffsetOutOfRange, (ErrorCode)(await client.FetchAsync("t", 1)).ErrorCode);
        Assert.Equal([(2L, "c")], Batches.Read((await client.FetchAsync("t", 2)).Records));

        Assert.Equal((ErrorCode.None, 3L), await DeleteAsync(client, "t", -1, version));
        Assert.Equal(3, (await client.ProduceAsync("t", Batches.Of("d"))).BaseOffset);
        Assert.Equal([(3L, "d")], Batches.Read((await client.FetchAsync("t", 3)).Records));
    }

    [Fact]
    public async Task A_start_that_has_passed_stays()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("a", "b", "c"));

        await DeleteAsync(client, "t", 2);

        Assert.Equal((ErrorCode.None, 2L), await DeleteAsync(client, "t", 1));
    }

    [Fact]
    public async Task What_cannot_be_deleted_says_why()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.CreateTopicAsync("compacted", 1, "cleanup.policy=compact");
        await client.DescribeAsync("__consumer_offsets", create: true);
        await client.ProduceAsync("t", Batches.Of("a"));

        Assert.Equal((ErrorCode.OffsetOutOfRange, -1L), await DeleteAsync(client, "t", 2));
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1L), await DeleteAsync(client, "t", -2));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1L), await DeleteAsync(client, "no", 0));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1L), await DeleteAsync(client, "t", 0, partition: 1));
        Assert.Equal((ErrorCode.PolicyViolation, -1L), await DeleteAsync(client, "compacted", 0));
        Assert.Equal((ErrorCode.InvalidTopicException, -1L), await DeleteAsync(client, "__consumer_offsets", 0));
    }

    [Fact]
    public async Task A_fetch_that_waits_at_a_deleted_offset_is_answered()
    {
        await using var broker = await Brokers.StartAsync();
        await using var reader = await TestClient.ConnectAsync(broker);
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("a", "b", "c"));

        // More bytes are asked for than there are: it waits until something happens.
        await reader.PostAsync(Brokers.Fetch("t", 1, maxWaitMs: 1_000_000, minBytes: 1_000_000), 12);
        await DeleteAsync(client, "t", 2);
        var answer = await reader.ReceiveAsync<FetchRequest, FetchResponse>(12);

        Assert.Equal(ErrorCode.OffsetOutOfRange, (ErrorCode)answer.Responses[0].Partitions[0].ErrorCode);
    }

    private static async Task<(ErrorCode Error, long Start)> DeleteAsync(
        TestClient client, string topic, long offset, short version = 2, int partition = 0)
    {
        var response = await client.SendAsync(
            new DeleteRecordsRequest
            {
                Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition, Offset = offset }] }],
                TimeoutMs = 5000,
            },
            version);
        var result = response.Topics[0].Partitions[0];
        return ((ErrorCode)result.ErrorCode, result.LowWatermark);
    }
}
