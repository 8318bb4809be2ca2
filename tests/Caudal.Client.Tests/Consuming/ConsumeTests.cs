using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Client.Tests.Consuming;

public sealed class ConsumeTests
{
    private static readonly TopicPartition Partition = new("t", 0);

    [Fact]
    public async Task Records_arrive_in_order_and_whole()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        using var writer = new RecordBatchWriter();
        writer.TryAppend(5, "k"u8, false, "v"u8, false, [new RecordHeader("h", new byte[] { 1 }), new RecordHeader("n", null)],
            int.MaxValue);
        writer.TryAppend(6, default, true, default, true, [], int.MaxValue);
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Finish(writer, 0));
        fixture.Cluster.Log.Append("t", 0, "x", "y");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);

        var records = await ConsumerFixture.TakeRecordsAsync(consumer, 4);

        Assert.Equal([0, 1, 2, 3], records.Select(r => r.Offset));
        Assert.Equal(["v", null, "x", "y"], records.Select(r => r.Value));
        Assert.Equal(["k", null, "k2", "k3"], records.Select(r => r.Key));
        Assert.Equal([5, 6, 1_002, 1_003], records.Select(r => r.TimestampMs));
        Assert.Equal(["h", "n"], records[0].Headers.Select(h => h.Key));
        Assert.Null(records[0].Headers[1].Value);
        Assert.Empty(records[1].Headers);
        Assert.Equal(new TopicPartitionOffset("t", 0, 4), records[3].Next);
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task Every_codec_is_read(CompressionType codec)
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Of(0, codec, "a", "b", "c"));
        var consumer = fixture.Consumer();
        consumer.Assign(new TopicPartitionOffset("t", 0, 1));

        Assert.Equal(["b", "c"], await ConsumerFixture.TakeAsync(consumer, 2));
    }

    [Fact]
    public async Task All_three_ways_to_read_give_the_same_records()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        for (var i = 0; i < 20; i++)
            fixture.Cluster.Log.Append("t", 0, [.. Enumerable.Range(0, 1 + i % 7).Select(n => $"{i}.{n}")]);
        var count = (int)fixture.Cluster.Log.EndOffset("t", 0);
        var records = fixture.Consumer();
        records.Assign(Partition);
        var batches = fixture.Consumer();
        batches.Assign(Partition);
        var leases = fixture.Consumer();
        leases.Assign(Partition);

        var byRecord = await ConsumerFixture.TakeAsync(records, count);
        var byBatch = new List<string?>();
        await foreach (var batch in batches.ConsumeBatchesAsync(ConsumerFixture.Token))
        {
            foreach (var record in batch)
                byBatch.Add(record.Value);
            if (byBatch.Count == count)
                break;
        }

        var byLease = new List<string?>();
        while (byLease.Count < count)
        {
            using var lease = await leases.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token);
            foreach (var record in lease!)
                byLease.Add(System.Text.Encoding.UTF8.GetString(record.Value));
        }

        Assert.Equal(byRecord, byBatch);
        Assert.Equal(byRecord, byLease);
        Assert.Equal(count, byRecord.Distinct().Count());
    }

    [Fact]
    public async Task Leaving_an_enumeration_early_loses_nothing()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a", "b", "c", "d", "e");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);

        Assert.Equal(["a", "b"], await ConsumerFixture.TakeAsync(consumer, 2));
        Assert.Equal(2, consumer.Position(Partition));
        using (var lease = await consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token))
        {
            Assert.Equal(2, lease!.StartOffset);
            Assert.Equal(3, lease.RecordCount);
        }

        fixture.Cluster.Log.Append("t", 0, "f");
        Assert.Equal(["f"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task Control_batches_are_skipped_and_passed()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Marker(0));
        fixture.Cluster.Log.Append("t", 0, "a");
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Marker(2));
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.Null(await consumer.FetchAsync(TimeSpan.FromMilliseconds(60), ConsumerFixture.Token));
        Assert.Equal(3, consumer.Position(Partition));
    }

    [Fact]
    public async Task A_damaged_batch_is_reported_until_it_is_passed_by()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a");
        var damaged = Batches.Of(1, "b", "c");
        damaged[^1] ^= 1;
        fixture.Cluster.Log.AppendRaw("t", 0, damaged);
        fixture.Cluster.Log.Append("t", 0, "d");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var error = await Assert.ThrowsAsync<RecordBatchException>(() => ConsumerFixture.TakeAsync(consumer, 1));
            Assert.Equal((Partition, 1, 3), (error.TopicPartition, error.BaseOffset, error.NextOffset));
            Assert.Contains("checksum", error.Message, StringComparison.Ordinal);
        }

        consumer.Seek(new TopicPartitionOffset(Partition, 3));
        Assert.Equal(["d"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task Checksums_may_be_left_unchecked()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        var batch = Batches.Of(0, "a");
        batch[RecordBatchHeader.CrcOffset] ^= 1;
        fixture.Cluster.Log.AppendRaw("t", 0, batch);
        var consumer = fixture.Consumer(ConsumerFixture.Options with { CheckCrcs = false });
        consumer.Assign(Partition);

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task A_batch_that_unpacks_to_more_than_allowed_is_refused()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Of(0, CompressionType.Zstd, new string('x', 100_000)));
        var consumer = fixture.Consumer(ConsumerFixture.Options with { MaxUnpackedBatchBytes = 50_000 });
        consumer.Assign(Partition);

        await Assert.ThrowsAsync<RecordBatchException>(() => ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task A_record_that_cannot_be_deserialized_is_named_kept_and_passed()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "12345678", "poison", "abcdefgh");
        await using var consumer = fixture.Client.CreateConsumer(
            new ConsumerOptions<string?, long>(ConsumerFixture.Options, Serdes.Utf8, Serdes.Int64));
        consumer.Assign(Partition);
        var offsets = new List<long>();
        RecordDeserializationException? error = null;
        while (offsets.Count < 2)
        {
            try
            {
                await foreach (var record in consumer.ConsumeAsync(ConsumerFixture.Token))
                {
                    offsets.Add(record.Offset);
                    if (offsets.Count == 2)
                        break;
                }
            }
            catch (RecordDeserializationException e)
            {
                error = e;
            }
        }

        Assert.Equal([0, 2], offsets);
        Assert.Equal((Partition, 1, false), (error!.TopicPartition, error.Offset, error.IsKey));
        Assert.Equal("poison"u8.ToArray(), error.RawValue!.Value.ToArray());
        Assert.Equal("k1"u8.ToArray(), error.RawKey!.Value.ToArray());
    }

    [Fact]
    public async Task Nothing_to_consume_is_a_mistake_that_is_told() =>
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await using var fixture = new ConsumerFixture();
            await fixture.Consumer().FetchAsync(TimeSpan.Zero, ConsumerFixture.Token);
        });

    [Fact]
    public async Task Two_flows_at_a_time_are_a_mistake_that_is_told()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        using var stop = new CancellationTokenSource();
        var first = consumer.FetchAsync(Timeout.InfiniteTimeSpan, stop.Token).AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.FetchAsync(TimeSpan.Zero, ConsumerFixture.Token));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Null(await consumer.FetchAsync(TimeSpan.Zero, ConsumerFixture.Token));
    }

    [Fact]
    public async Task Closing_wakes_whoever_waits()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        var waiting = consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token).AsTask();
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Count(ApiKey.Fetch) > 0);

        await consumer.CloseAsync(ConsumerFixture.Token);

        await Assert.ThrowsAsync<ClientClosedException>(() => waiting);
        await Assert.ThrowsAsync<ClientClosedException>(async () => await consumer.FetchAsync(TimeSpan.Zero, ConsumerFixture.Token));
        await consumer.CloseAsync(ConsumerFixture.Token);
    }

    [Fact]
    public async Task Fetching_ahead_stops_at_its_limit_and_goes_on_when_room_is_made()
    {
        await using var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        for (var i = 0; i < 50; i++)
            fixture.Cluster.Log.Append("t", 0, new string('x', 1_000));
        var fetched = 0L;
        fixture.Cluster.On<FetchRequest, FetchResponse>((_, _, request) =>
        {
            var from = request.Topics[0].Partitions[0].FetchOffset;
            if (from == 50)
                return new FetchResponse();
            Interlocked.Exchange(ref fetched, from + 1);
            return new FetchResponse
            {
                Responses = [new FetchResponse.FetchableTopicResponse
                {
                    Topic = "t",
                    TopicId = request.Topics[0].TopicId,
                    Partitions = [new FetchResponse.PartitionData
                    {
                        HighWatermark = 50,
                        Records = Batches.Of(from, new string('x', 1_000)),
                    }],
                }],
            };
        });
        var consumer = fixture.Consumer(ConsumerFixture.Options with { MaxBufferedBytes = 5_000, MaxPartitionFetchBytes = 2_000 });
        consumer.Assign(Partition);

        using (await consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token))
        {
            // One batch is in the user's hands; of the rest, as many are fetched as there is room for.
            await ConsumerFixture.UntilAsync(() => Interlocked.Read(ref fetched) >= 4);
            Assert.InRange(Interlocked.Read(ref fetched), 4, 5);
        }

        var values = await ConsumerFixture.TakeAsync(consumer, 49);
        Assert.Equal(49, values.Count);
    }
}
