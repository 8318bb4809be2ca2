using System.Text;

namespace Caudal.Client.Tests.Consuming;

/// <summary>Consumers that see only what counts.</summary>
public sealed class ReadCommittedTests
{
    private static readonly TopicPartition Partition = new("t", 0);

    private static ConsumerOptions<string?, string?> Committed =>
        ConsumerFixture.Options with { IsolationLevel = IsolationLevel.ReadCommitted };

    [Theory]
    [InlineData("records")]
    [InlineData("batches")]
    [InlineData("leases")]
    public async Task Aborted_records_and_markers_are_left_out_in_every_way_to_read(string way)
    {
        await using var fixture = new ConsumerFixture();
        Fill(fixture, 0, out var expected);
        var consumer = fixture.Consumer(Committed);
        consumer.Assign(Partition);

        Assert.Equal(expected, await ReadAsync(consumer, way, expected.Count));
    }

    [Fact]
    public async Task Readers_of_everything_see_aborted_records_too()
    {
        await using var fixture = new ConsumerFixture();
        Fill(fixture, 0, out _);
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);

        Assert.Equal(
            ["plain", "a1", "b1", "a2", "b2", "c1", "b3", "b4", "end"], await ConsumerFixture.TakeAsync(consumer, 9));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Any_mix_of_transactions_reads_as_the_model_says_from_any_offset(int seed)
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        var random = new Random(seed);
        var model = new List<(long Offset, string Value, long Producer)>();
        var open = new Dictionary<long, long>();
        var visible = new HashSet<long>();
        for (var step = 0; step < 150; step++)
        {
            var end = fixture.Cluster.Log.EndOffset("t", 0);
            var producer = random.Next(4);
            if (producer == 0)
            {
                Add([.. Enumerable.Range(0, random.Next(1, 4)).Select(i => $"{end + i}")], -1);
            }
            else if (open.TryGetValue(producer, out var first) && random.Next(2) == 0)
            {
                var commit = random.Next(2) == 0;
                fixture.Cluster.Log.AppendRaw("t", 0, Batches.Marker(end, producer, commit));
                if (commit)
                    visible.UnionWith(model.Where(e => e.Producer == producer && e.Offset >= first).Select(e => e.Offset));
                else
                    fixture.Cluster.Log.Abort("t", 0, producer, first, end);
                open.Remove(producer);
            }
            else
            {
                open.TryAdd(producer, end);
                Add([.. Enumerable.Range(0, random.Next(1, 4)).Select(i => $"{end + i}")], producer);
            }
        }

        var stable = open.Count == 0 ? fixture.Cluster.Log.EndOffset("t", 0) : open.Values.Min();
        fixture.Cluster.Log.SetStable("t", 0, stable);
        for (var round = 0; round < 5; round++)
        {
            var from = random.Next((int)stable);
            var expected = model.Where(entry => entry.Offset >= from && entry.Offset < stable && visible.Contains(entry.Offset))
                .Select(entry => (string?)entry.Value).ToList();
            await using var consumer = fixture.Client.CreateConsumer(
                Committed with { MaxPartitionFetchBytes = random.Next(1, 2_000) });
            consumer.Assign(new TopicPartitionOffset(Partition, from));
            if (expected.Count > 0)
                Assert.Equal(expected, await ConsumerFixture.TakeAsync(consumer, expected.Count));
            Assert.Equal(stable, (await consumer.EndOffsetsAsync([Partition], ConsumerFixture.Token))[Partition]);
        }

        void Add(string[] values, long producer)
        {
            var at = fixture.Cluster.Log.EndOffset("t", 0);
            for (var i = 0; i < values.Length; i++)
            {
                model.Add((at + i, values[i], producer));
                if (producer < 0)
                    visible.Add(at + i);
            }

            fixture.Cluster.Log.AppendRaw("t", 0, producer < 0 ? Batches.Of(at, values) : Batches.Transactional(at, producer, values));
        }
    }

    [Fact]
    public async Task Nothing_is_read_beyond_the_first_open_transaction()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "before");
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Transactional(1, 5, "open"));
        fixture.Cluster.Log.SetStable("t", 0, 1);
        var consumer = fixture.Consumer(Committed);
        consumer.Assign(Partition);

        using (var lease = await consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token))
            Assert.Equal((1, 1), (lease!.RecordCount, lease.HighWatermark));
        Assert.Null(await consumer.FetchAsync(TimeSpan.FromMilliseconds(1), ConsumerFixture.Token));
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Marker(2, 5));
        fixture.Cluster.Log.SetStable("t", 0, -1);

        Assert.Equal(["open"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task What_is_skipped_counts_as_processed()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a");
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Transactional(1, 5, "no", "no"));
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Marker(3, 5, commit: false));
        fixture.Cluster.Log.Abort("t", 0, 5, 1, 3);
        var consumer = fixture.Consumer(Committed with { GroupId = "g" });
        consumer.Assign(Partition);
        using (await consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token))
        {
        }

        Assert.Null(await consumer.FetchAsync(TimeSpan.FromMilliseconds(1), ConsumerFixture.Token));
        Assert.Equal(4, consumer.Position(Partition));
        Assert.Equal(4, Assert.Single((await consumer.CommitAsync(ConsumerFixture.Token)).Committed).Offset);
    }

    [Fact]
    public async Task A_damaged_marker_is_an_error_that_says_where_and_is_skipped_only_if_asked()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Transactional(0, 5, "no"));
        var marker = Batches.Marker(1, 5, commit: false);
        marker[^1] ^= 1;
        fixture.Cluster.Log.AppendRaw("t", 0, marker);
        fixture.Cluster.Log.Append("t", 0, "after");
        fixture.Cluster.Log.Abort("t", 0, 5, 0, 1);
        var consumer = fixture.Consumer(Committed);
        consumer.Assign(Partition);

        var error = await Assert.ThrowsAsync<RecordBatchException>(
            async () => await consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token));
        Assert.Equal((Partition, 1, 2), (error.TopicPartition, error.BaseOffset, error.NextOffset));
        var tolerant = fixture.Consumer(Committed with { SkipDamagedBatches = true });
        tolerant.Assign(Partition);
        Assert.Equal(["after"], await ConsumerFixture.TakeAsync(tolerant, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_damaged_batch_is_skipped_only_if_asked(bool skip)
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a");
        var damaged = Batches.Of(1, "b", "c");
        damaged[^3] ^= 1;
        fixture.Cluster.Log.AppendRaw("t", 0, damaged);
        fixture.Cluster.Log.Append("t", 0, "d");
        var consumer = fixture.Consumer(ConsumerFixture.Options with { SkipDamagedBatches = skip });
        consumer.Assign(Partition);

        if (skip)
        {
            Assert.Equal(["a", "d"], await ConsumerFixture.TakeAsync(consumer, 2));
            return;
        }

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        var error = await Assert.ThrowsAsync<RecordBatchException>(() => ConsumerFixture.TakeAsync(consumer, 1));
        Assert.Contains("t-0 from offset 1 on", error.Message);
        Assert.Equal(3, error.NextOffset);
    }

    [Fact]
    public async Task The_group_metadata_name_the_member()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a");
        var consumer = fixture.Member();
        Assert.Equal(new ConsumerGroupMetadata("g"), consumer.GroupMetadata);
        await ConsumerFixture.TakeAsync(consumer, 1);

        Assert.Equal(new ConsumerGroupMetadata("g", 1, "member-1"), consumer.GroupMetadata);
        Assert.Throws<InvalidOperationException>(() => fixture.Consumer().GroupMetadata);
    }

    // Producers 1 (committed), 2 (aborted, then committed), 3 (aborted), interleaved. The abort list is not sorted.
    private static void Fill(ConsumerFixture fixture, int partition, out List<string> expected)
    {
        var log = fixture.Cluster.Log;
        log.Create("t");
        log.Append("t", partition, "plain");
        log.AppendRaw("t", partition, Batches.Transactional(1, 1, "a1"));
        log.AppendRaw("t", partition, Batches.Transactional(2, 2, "b1"));
        log.AppendRaw("t", partition, Batches.Transactional(3, 1, "a2"));
        log.AppendRaw("t", partition, Batches.Transactional(4, 2, "b2"));
        log.AppendRaw("t", partition, Batches.Transactional(5, 3, "c1"));
        log.AppendRaw("t", partition, Batches.Marker(6, 1));
        log.AppendRaw("t", partition, Batches.Marker(7, 2, commit: false));
        log.AppendRaw("t", partition, Batches.Transactional(8, 2, "b3", "b4"));
        log.AppendRaw("t", partition, Batches.Marker(10, 3, commit: false));
        log.AppendRaw("t", partition, Batches.Marker(11, 2));
        log.Append("t", partition, "end");
        log.Abort("t", partition, 3, 5, 10);
        log.Abort("t", partition, 2, 2, 7);
        expected = ["plain", "a1", "a2", "b3", "b4", "end"];
    }

    private static async Task<List<string>> ReadAsync(Consumer<string?, string?> consumer, string way, int count)
    {
        List<string> values = [];
        if (way == "records")
            return [.. (await ConsumerFixture.TakeAsync(consumer, count)).Select(value => value!)];
        if (way == "batches")
        {
            await foreach (var batch in consumer.ConsumeBatchesAsync(ConsumerFixture.Token))
            {
                foreach (var record in batch)
                    values.Add(record.Value!);
                if (values.Count >= count)
                    return values;
            }
        }

        while (values.Count < count)
        {
            using var lease = await consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token);
            foreach (var record in lease!)
                values.Add(Encoding.UTF8.GetString(record.Value));
        }

        return values;
    }
}
