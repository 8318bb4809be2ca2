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
        Assert.Equal((ErrorCode.None, -1L, -1L), await FindAsync(client, -6, 11));
        Assert.Equal(ErrorCode.UnsupportedVersion, (await FindAsync(client, -4, 7)).Error);
        Assert.Equal(ErrorCode.UnsupportedVersion, (await FindAsync(client, -5, 8)).Error);
        Assert.Equal(ErrorCode.UnsupportedVersion, (await FindAsync(client, -6, 10)).Error);
        Assert.Equal(ErrorCode.UnsupportedVersion, (await FindAsync(client, -7, 11)).Error);
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
    public async Task Version_0_answers_with_the_starts_of_segments()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "segment.index.bytes=12");
        // One index entry fills the index: every batch beyond the first 4 KiB of a segment begins another.
        for (var i = 0; i < 3; i++)
        {
            await client.ProduceAsync("t", Batches.OfSize(5000));
            await client.ProduceAsync("t", Batches.OfSize(5000));
        }

        var all = await FindOldAsync(client, -1, 10);

        Assert.Equal(6L, all[0]);
        Assert.Equal(0L, all[^1]);
        Assert.True(all.Count > 2, "The topic has one segment only.");
        Assert.Equal([.. all.OrderDescending()], all);
        Assert.Equal([6L], await FindOldAsync(client, -1, 1));
        Assert.Equal([0L], await FindOldAsync(client, -2, 10));
        Assert.Equal([], await FindOldAsync(client, 999, 10));
        Assert.Equal(all[1..], await FindOldAsync(client, 1000, 10));
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

    private static async Task<List<long>> FindOldAsync(TestClient client, long timestamp, int max)
    {
        var request = Request(timestamp);
        request.Topics[0].Partitions[0].MaxNumOffsets = max;
        return [.. (await client.SendAsync(request, 0)).Topics[0].Partitions[0].OldStyleOffsets];
    }

    private static async Task<(ErrorCode Error, long Offset, long Timestamp)> FindAsync(TestClient client, long timestamp, short version)
    {
        var partition = (await client.SendAsync(Request(timestamp), version)).Topics[0].Partitions[0];
        return ((ErrorCode)partition.ErrorCode, partition.Offset, partition.Timestamp);
    }
}
