using Caudal.Broker.Groups;
using Caudal.Broker.StateLogs;
using Caudal.Broker.Tests.Groups;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage;

namespace Caudal.Broker.Tests.StateLogs;

public class PartitionStateLogTests
{
    private const string Topic = "__consumer_offsets";

    private static readonly LogConfig Compacted = new() { CleanupCompact = true, CleanupDelete = false };

    private static IReadOnlyList<PartitionLog> Create(LogStore store) =>
        [.. Enumerable.Range(0, 2).Select(p => store.Create(Topic, p, new Uuid(5, 5), Compacted))];

    private static async Task AppendAsync(PartitionStateLog log, int partition, params StateRecord[] records)
    {
        await log.PrepareAsync();
        Assert.Equal(ErrorCode.None, await log.AppendAsync(partition, new StateBatch(records), TestContext.Current.CancellationToken));
    }

    private static async Task<List<(byte Key, byte? Value)>> ReadAsync(PartitionStateLog log)
    {
        var read = new List<(byte Key, byte? Value)>();
        await log.ReadAllAsync(e => read.Add((e.Key.Span[0], e.Value?.Span[0])), TestContext.Current.CancellationToken);
        return read;
    }

    [Fact]
    public async Task The_topic_is_created_with_the_first_record_and_read_in_order()
    {
        await using var store = await LogStore.OpenAsync(new LogStoreOptions(), TestContext.Current.CancellationToken);
        var created = 0;
        var log = new PartitionStateLog(Topic, null, 2, () =>
        {
            created++;
            return ValueTask.FromResult(Create(store));
        });
        Assert.Equal((2, 0), (log.PartitionCount, (await ReadAsync(log)).Count));
        Assert.Equal(0, created);
        await AppendAsync(log, 1, new StateRecord([1], [10], 5), new StateRecord([2], null, 6));
        await AppendAsync(log, 1, new StateRecord([3], [30], 7));
        await AppendAsync(log, 0, new StateRecord([4], [40], 7));
        Assert.Equal(1, created);
        Assert.Equal([(4, 40), (1, 10), (2, null), (3, 30)], await ReadAsync(log));
    }

    [Fact]
    public async Task A_large_log_is_read_to_its_end()
    {
        await using var store = await LogStore.OpenAsync(new LogStoreOptions(), TestContext.Current.CancellationToken);
        var log = new PartitionStateLog(Topic, Create(store), 7, () => throw new InvalidOperationException("It exists."));
        Assert.Equal(2, log.PartitionCount);
        for (var i = 0; i < 40; i++)
            await AppendAsync(log, 0, new StateRecord([(byte)i], new byte[100_000], i));
        Assert.Equal(Enumerable.Range(0, 40), (await ReadAsync(log)).Select(r => (int)r.Key));
    }

    [Fact]
    public async Task A_coordinator_restores_its_groups_from_partition_logs()
    {
        await using var store = await LogStore.OpenAsync(new LogStoreOptions(), TestContext.Current.CancellationToken);
        var partitions = Create(store);
        var options = new GroupCoordinatorOptions();
        await using (var first = new GroupCoordinator(new PartitionStateLog(Topic, partitions, 2, null!), new FakeTopics(), options))
        {
            await first.StartAsync(TestContext.Current.CancellationToken);
            var response = await first.CommitAsync(Coordination.Context(9), new()
            {
                GroupId = "g",
                Topics = [new() { Name = "orders", Partitions = [new() { CommittedOffset = 77, CommittedMetadata = "" }] }],
            });
            Assert.Equal(0, response.Topics[0].Partitions[0].ErrorCode);
        }

        await using var second = new GroupCoordinator(new PartitionStateLog(Topic, partitions, 2, null!), new FakeTopics(), options);
        await second.StartAsync(TestContext.Current.CancellationToken);
        var fetched = second.FetchOffsets(Coordination.Context(8), new() { Groups = [new() { GroupId = "g", Topics = null }] });
        Assert.Equal(77, fetched.Groups[0].Topics[0].Partitions[0].CommittedOffset);
    }

    [Fact]
    public async Task Records_of_a_transaction_and_its_marker_are_read_with_their_producer()
    {
        await using var store = await LogStore.OpenAsync(new LogStoreOptions(), TestContext.Current.CancellationToken);
        var log = new PartitionStateLog(Topic, Create(store), 2, null!);
        var batch = new StateBatch([new StateRecord([1], [10], 5)]) { Producer = new RecordBatchProducer(77, 3, -1, true) };
        Assert.Equal(ErrorCode.None, await log.AppendAsync(1, batch, TestContext.Current.CancellationToken));
        var marker = new StateBatch([]) { Marker = new TransactionMarker(77, 3, true, 0, false) };
        Assert.Equal(ErrorCode.None, await log.AppendAsync(1, marker, TestContext.Current.CancellationToken));
        var stale = new StateBatch([new StateRecord([1], [10], 5)]) { Producer = new RecordBatchProducer(77, 2, -1, true) };
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await log.AppendAsync(1, stale, TestContext.Current.CancellationToken));

        var read = new List<(int, long, ControlRecordType?)>();
        await log.ReadAllAsync(e => read.Add((e.Partition, e.ProducerId, e.Marker)), TestContext.Current.CancellationToken);
        Assert.Equal([(1, 77, null), (1, 77, ControlRecordType.Commit)], read);
    }
}
