using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class LogDirsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task The_directory_and_the_sizes_of_its_logs_are_told(short version)
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path });
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("a", 2);
        await client.CreateTopicAsync("b");
        var batch = Batches.Of("one", "two");
        await client.ProduceAsync("a", batch, 1);

        var all = Assert.Single((await client.SendAsync(new DescribeLogDirsRequest { Topics = null }, version)).Results);
        var some = Assert.Single((await client.SendAsync(
            new DescribeLogDirsRequest { Topics = [new() { Topic = "a", Partitions = [1, 7] }, new() { Topic = "no", Partitions = [0] }] },
            version)).Results);

        Assert.Equal(directory.Path, all.LogDir);
        Assert.Equal(["a-0:0", $"a-1:{batch.Length}", "b-0:0"], Sizes(all));
        Assert.Equal([$"a-1:{batch.Length}"], Sizes(some));
        Assert.Equal(version >= 4, all.TotalBytes > 0 && all.UsableBytes > 0);
    }

    [Fact]
    public async Task Memory_is_a_directory_of_its_own_name()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var batch = Batches.Of("one");
        await client.ProduceAsync("t", batch);

        var told = Assert.Single((await client.SendAsync(new DescribeLogDirsRequest { Topics = null })).Results);

        Assert.Equal("memory", told.LogDir);
        Assert.Equal([$"t-0:{batch.Length}"], Sizes(told));
        Assert.Equal((-1L, -1L), (told.TotalBytes, told.UsableBytes));
    }

    [Fact]
    public async Task Replicas_move_to_the_one_directory_only()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.None, await MoveAsync("memory", 0));
        Assert.Equal(ErrorCode.ReplicaNotAvailable, await MoveAsync("memory", 1));
        Assert.Equal(ErrorCode.LogDirNotFound, await MoveAsync("/no/such", 0));

        async Task<ErrorCode> MoveAsync(string path, int partition)
        {
            var response = await client.SendAsync(new AlterReplicaLogDirsRequest
            {
                Dirs = [new() { Path = path, Topics = [new() { Name = "t", Partitions = [partition] }] }],
            });
            return (ErrorCode)response.Results[0].Partitions[0].ErrorCode;
        }
    }

    private static List<string> Sizes(DescribeLogDirsResponse.DescribeLogDirsResult result) =>
        [.. result.Topics.SelectMany(t => t.Partitions.Select(p => $"{t.Name}-{p.PartitionIndex}:{p.PartitionSize}"))];
}
