using Caudal.Broker.Groups;
using Caudal.Broker.Tests.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Nodes;

public class TransactionNodesTests
{
    private const string Id = "orders-1";
    private const string State = "__transaction_state";

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_transaction_goes_on_where_its_coordinator_moves_to(bool second, bool stop)
    {
        await using var cluster = await Cluster.StartAsync();
        var first = await FindAsync(cluster, through: 1);
        // Neither the records nor the offsets move along.
        var keeper = first % 3 + 1;
        await cluster.CreateAsync("t", assignments: [[keeper]]);
        var producer = new TransactionClient(await cluster.ClientAsync(first), Id, second);
        Assert.Equal(ErrorCode.None, await producer.InitializeAsync());
        if (!second)
            Assert.Equal(ErrorCode.None, await producer.AddAsync("t"));
        producer.Client = await cluster.ClientAsync(keeper);
        Assert.Equal(ErrorCode.None, await producer.WriteAsync("t", 0, "a", "b"));

        if (stop)
            await cluster.StopAsync(first);
        else
            await cluster.MoveAsync(State, GroupCoordinator.PartitionOf(Id, 3), 6 - first - keeper);

        var next = await FindAsync(cluster, through: keeper);
        Assert.NotEqual(first, next);
        foreach (var node in new[] { 1, 2, 3 }.Where(n => n != next && !(stop && n == first)))
        {
            producer.Client = await cluster.ClientAsync(node);
            Assert.Equal(ErrorCode.NotCoordinator, await producer.CommitAsync());
            Assert.Equal(ErrorCode.NotCoordinator, await producer.AddAsync("t"));
            Assert.Equal(ErrorCode.NotCoordinator, await producer.AddOffsetsAsync("g"));
            Assert.Equal(ErrorCode.NotCoordinator, (ErrorCode)(await producer.DescribeAsync()).ErrorCode);
            Assert.Equal(ErrorCode.NotCoordinator, await new TransactionClient(producer.Client, Id).InitializeAsync());
        }

        Assert.Empty(await (await cluster.ClientAsync(keeper)).ReadCommittedAsync("t"));
        producer.Client = await cluster.ClientAsync(next);
        Assert.Equal(ErrorCode.None, await producer.CommitAsync());
        Assert.Equal(["a", "b"], await (await cluster.ClientAsync(keeper)).ReadCommittedAsync("t"));
    }

    [Fact]
    public async Task Only_the_leader_describes_producers_and_takes_markers()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[2, 1]]);
        var errors = new List<(ErrorCode, ErrorCode)>();

        foreach (var node in new[] { 1, 2, 3 })
        {
            var client = await cluster.ClientAsync(node);
            var described = await client.SendAsync(
                new DescribeProducersRequest { Topics = [new() { Name = "t", PartitionIndexes = [0] }] });
            var marked = await client.SendAsync(new WriteTxnMarkersRequest
            {
                Markers = [new() { ProducerId = 7, ProducerEpoch = 1, Topics = [new() { Name = "t", PartitionIndexes = [0] }] }],
            });
            errors.Add((
                (ErrorCode)described.Topics[0].Partitions[0].ErrorCode,
                (ErrorCode)marked.Markers[0].Topics[0].Partitions[0].ErrorCode));
        }

        var refused = (ErrorCode.NotLeaderOrFollower, ErrorCode.NotLeaderOrFollower);
        Assert.Equal([refused, (ErrorCode.None, ErrorCode.None), refused], errors);
    }

    private static async Task<int> FindAsync(Cluster cluster, int through)
    {
        var found = await (await cluster.ClientAsync(through)).SendAsync(new FindCoordinatorRequest { KeyType = 1, Key = Id }, 3);
        Assert.Equal(ErrorCode.None, (ErrorCode)found.ErrorCode);
        return found.NodeId;
    }
}
