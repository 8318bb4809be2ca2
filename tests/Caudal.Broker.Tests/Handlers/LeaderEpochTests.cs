using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class LeaderEpochTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task The_present_epoch_ends_at_the_end_and_others_are_not_known(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("a", "b"));

        Assert.Equal((ErrorCode.None, version > 0 ? 0 : -1, 2L), await EndAsync(client, 0, version: version));
        Assert.Equal((ErrorCode.None, -1, -1L), await EndAsync(client, 5, version: version));
        Assert.Equal((ErrorCode.None, -1, -1L), await EndAsync(client, -1, version: version));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await EndAsync(client, 0, partition: 1, version: version)).Error);
    }

    [Fact]
    public async Task After_a_crash_the_epoch_before_ends_where_the_new_one_begins()
    {
        using var before = new TemporaryDirectory();
        using var after = new TemporaryDirectory();
        await using (var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, Directory = before.Path }))
        {
            await using var client = await TestClient.ConnectAsync(broker);
            await client.CreateTopicAsync("t");
            await client.ProduceAsync("t", Batches.Of("a", "b"));
            // What a broker leaves behind that is killed now.
            Copy(before.Path, after.Path);
        }

        await using var restarted = await Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, Directory = after.Path });
        await using var again = await TestClient.ConnectAsync(restarted);
        await again.ProduceAsync("t", Batches.Of("c"));

        Assert.Equal((ErrorCode.None, 0, 2L), await EndAsync(again, 0));
        Assert.Equal((ErrorCode.None, 1, 3L), await EndAsync(again, 1));
        Assert.Equal(ErrorCode.FencedLeaderEpoch, (await EndAsync(again, 0, current: 0)).Error);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, (await EndAsync(again, 0, current: 2)).Error);
        Assert.Equal((ErrorCode.None, 0, 2L), await EndAsync(again, 0, current: 1));
        Assert.Equal((ErrorCode.FencedLeaderEpoch, -1), await ListAsync(again, -1, current: 0));
        Assert.Equal((ErrorCode.UnknownLeaderEpoch, -1), await ListAsync(again, -1, current: 2));
        // The end has the present epoch, the start and the records theirs.
        Assert.Equal((ErrorCode.None, 1), await ListAsync(again, -1));
        Assert.Equal((ErrorCode.None, 0), await ListAsync(again, -2));
        Assert.Equal((ErrorCode.None, 0), await ListAsync(again, 1001));
        Assert.Equal((ErrorCode.None, 0), await ListAsync(again, -3));
        Assert.Equal(1, (await again.DescribeAsync("t")).Partitions[0].LeaderEpoch);
    }

    private static async Task<(ErrorCode Error, int Epoch, long End)> EndAsync(
        TestClient client, int epoch, int current = -1, int partition = 0, short version = 4)
    {
        var asked = new OffsetForLeaderEpochRequest.OffsetForLeaderPartition
        {
            Partition = partition,
            CurrentLeaderEpoch = current,
            LeaderEpoch = epoch,
        };
        var response = await client.SendAsync(
            new OffsetForLeaderEpochRequest { Topics = [new() { Topic = "t", Partitions = [asked] }] }, version);
        var result = response.Topics[0].Partitions[0];
        return ((ErrorCode)result.ErrorCode, result.LeaderEpoch, result.EndOffset);
    }

    private static async Task<(ErrorCode Error, int Epoch)> ListAsync(TestClient client, long timestamp, int current = -1)
    {
        var response = await client.SendAsync(new ListOffsetsRequest
        {
            ReplicaId = -1,
            Topics = [new() { Name = "t", Partitions = [new() { Timestamp = timestamp, CurrentLeaderEpoch = current }] }],
        });
        var found = response.Topics[0].Partitions[0];
        return ((ErrorCode)found.ErrorCode, found.LeaderEpoch);
    }

    private static void Copy(string from, string to)
    {
        foreach (var directory in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) != ".lock")
                File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
