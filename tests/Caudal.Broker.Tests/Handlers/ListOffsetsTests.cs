using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class ListOffsetsTests
{
    [Fact]
    public async Task Every_version_finds_the_start_the_end_and_a_time()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        // The batches helper stamps the records of a batch 1000, 1001, 1002.
        await client.ProduceAsync("t", Batches.Of("a", "b", "c"));

        for (short version = 1; version <= 11; version++)
        {
            Assert.Equal((ErrorCode.None, 3L, -1L), await FindAsync(client, -1, version));
            Assert.Equal((ErrorCode.None, 0L, -1L), await FindAsync(client, -2, version));
            Assert.Equal((ErrorCode.None, 1L, 1001L), await FindAsync(client, 1001, version));
            Assert.Equal((ErrorCode.None, -1L, -1L), await FindAsync(client, 5000, version));
        }
    }

    [Fact]
    public async Task Special_times_come_with_their_versions()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("a", "b", "c"));

        Assert.Equal((ErrorCode.None, 2L, 1002L), await FindAsync(client, -3, 7));
        Assert.Equal(ErrorCode.UnsupportedVersion, (await FindAsync(client, -3, 6)).Error);
        Assert.Equal((ErrorCode.None, 0L, -1L), await FindAsync(client, -4, 8));
        Assert.Equal((ErrorCode.None, -1L, -1L), await FindAsync(client, -5, 9));
        Assert.Equal(ErrorCode.UnsupportedVersion, (await FindAsync(client, -6, 11)).Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_time_inside_a_compressed_batch_is_found(int codec)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Compressed(codec, "a", "b", "c"));

        Assert.Equal((ErrorCode.None, 2L, 1002L), await FindAsync(client, 1002, 7));
    }

    [Fact]
    public async Task Version_0_answers_with_a_list()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("a"));
        var request = Request(-1);
        request.Topics[0].Partitions[0].MaxNumOffsets = 1;

        var partition = (await client.SendAsync(request, 0)).Topics[0].Partitions[0];

        Assert.Equal([1L], partition.OldStyleOffsets);
    }

    [Fact]
    public async Task A_partition_given_twice_is_invalid_and_a_missing_one_unknown()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var request = Request(-1);
        request.Topics[0].Partitions = [new() { Timestamp = -1 }, new() { Timestamp = -2 }, new() { PartitionIndex = 7, Timestamp = -1 }];

        var partitions = (await client.SendAsync(request, 5)).Topics[0].Partitions;

        Assert.Equal(
            [ErrorCode.InvalidRequest, ErrorCode.InvalidRequest, ErrorCode.UnknownTopicOrPartition],
            partitions.Select(p => (ErrorCode)p.ErrorCode));
    }

    private static ListOffsetsRequest Request(long timestamp) => new()
    {
        ReplicaId = -1,
        Topics = [new() { Name = "t", Partitions = [new() { Timestamp = timestamp }] }],
    };

    private static async Task<(ErrorCode Error, long Offset, long Timestamp)> FindAsync(TestClient client, long timestamp, short version)
    {
        var partition = (await client.SendAsync(Request(timestamp), version)).Topics[0].Partitions[0];
        return ((ErrorCode)partition.ErrorCode, partition.Offset, partition.Timestamp);
    }
}
