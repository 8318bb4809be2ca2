using Caudal.Broker.Tests.Model;
using Caudal.Broker.Tests.Support;
using Caudal.Broker.Tests.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;
using Caudal.Storage;

namespace Caudal.Broker.Tests.Interop;

/// <summary>
/// Partition logs go from Apache Kafka to Caudal and back: segments, batches in all codecs, transactions open and ended, compacted logs,
/// producers. Each reads of the other what it wrote, byte for byte, and goes on from there.
/// </summary>
public sealed class ExchangedLogsTests
{
    private const long ProducerId = 777_777;
    private static readonly (string Topic, int Partition)[] Logs = [("plain", 0), ("plain", 1), ("compact", 0)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Logs_go_from_Kafka_to_Caudal_and_back()
    {
        KafkaTools.Require();
        await using var kafka = new KafkaServer("4.3") { Settings = "--config log.cleaner.backoff.ms=200" };
        await kafka.InitializeAsync();
        var open = await FillAsync(kafka);
        Dictionary<(string, int), byte[]> theirs;
        long stable;
        await using (var client = await kafka.ConnectAsync())
        {
            await WaitForCompactionAsync(client);
            theirs = await ReadAllAsync(client);
            stable = await client.EndAsync("plain", 1);
            Assert.NotEqual(stable, await client.EndAsync("plain", 0));
        }

        await kafka.StopAsync();
        var ours = await GoOnAsync(kafka.LogDirectory, theirs, stable);
        await DumpAsync(kafka.LogDirectory);

        await kafka.RestartAsync();
        await using var next = await kafka.ConnectAsync();
        var read = await ReadAllAsync(next);
        Assert.All(Logs, log => Assert.True(ours[log].AsSpan().SequenceEqual(read[log]), $"{log} differs in Kafka."));
        // Kafka knows from our files what the producer wrote last, and that the transaction is open.
        var again = await next.ProduceAsync("plain", Batches.Idempotent(ProducerId, 0, 2, "ours"));
        var gap = await next.ProduceAsync("plain", Batches.Idempotent(ProducerId, 0, 9, "gap"));
        var following = await next.ProduceAsync("plain", Batches.Idempotent(ProducerId, 0, 3, "theirs"));
        Assert.Equal((0, ErrorCode.OutOfOrderSequenceNumber, 0), (again.ErrorCode, (ErrorCode)gap.ErrorCode, following.ErrorCode));
        Assert.Equal(again.BaseOffset + 1, following.BaseOffset);
        Assert.Equal(stable, await next.EndAsync("plain", 1));
        open.Client = next;
        ErrorCode ended;
        do
            ended = await open.CommitAsync();
        while (ended is ErrorCode.CoordinatorLoadInProgress or ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable);
        Assert.Equal(ErrorCode.None, ended);
    }

    /// <summary>Has Kafka write all kinds of things.</summary>
    /// <returns>A producer whose transaction is open.</returns>
    private static async Task<TransactionClient> FillAsync(KafkaServer kafka)
    {
        await using var client = await kafka.ConnectAsync();
        await client.CreateTopicAsync("plain", 2, "retention.ms=-1", "segment.ms=20000");
        await client.CreateTopicAsync("compact", 1, "cleanup.policy=compact", "min.cleanable.dirty.ratio=0", "segment.ms=20000");
        var producer = new TransactionClient(client, "ended", second: true);
        var open = new TransactionClient(client, "open", second: true);
        foreach (var each in (TransactionClient[])[producer, open])
        {
            await client.SendAsync(new FindCoordinatorRequest { KeyType = 1, CoordinatorKeys = ["ended", "open"] });
            while (await each.InitializeAsync(timeoutMs: 900_000) != ErrorCode.None)
            {
            }
        }

        // Times that rise by 5 s: a new segment every few batches.
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 3_600_000;
        for (var i = 0; i < 20; i++)
        {
            var batch = ModelRequests.Batch(
                [($"k{i % 3}", $"v{i}"), ($"k{i % 5}", i % 4 == 0 ? null : "w")], time += 5000, RecordBatchProducer.None);
            Assert.Equal(0, (await client.ProduceAsync("plain", batch)).ErrorCode);
            Assert.Equal(0, (await client.ProduceAsync("compact", batch)).ErrorCode);
        }

        for (var codec = 1; codec <= 4; codec++)
            Assert.Equal(0, (await client.ProduceAsync("plain", Batches.Compressed(codec, "packed", "packed too"), 1)).ErrorCode);
        foreach (var commit in new[] { true, false, true })
        {
            await producer.ProduceAsync("plain", "a", "b");
            Assert.Equal(ErrorCode.None, await producer.EndAsync(commit));
        }

        await open.ProduceAsync("plain", "open");
        return open;
    }

    private static async Task WaitForCompactionAsync(TestClient client)
    {
        var end = await client.EndAsync("compact", 0);
        for (var tries = 0; tries < 600; tries++)
        {
            var batches = Batches.Read(await ReadAsync(client, "compact", 0));
            if (batches.Count < end / 2)
                return;
            // Nothing comes: Kafka holds the answer back for so long.
            await client.SendAsync(Brokers.Fetch("compact", end, maxWaitMs: 100), 12);
        }

        Assert.Fail("Kafka did not compact within a minute.");
    }

    /// <summary>Opens Kafka's logs, compares them and writes to them.</summary>
    private static async Task<Dictionary<(string, int), byte[]>> GoOnAsync(
        string directory, Dictionary<(string Topic, int Partition), byte[]> theirs, long stable)
    {
        await using var store = await LogStore.OpenAsync(
            new LogStoreOptions
            {
                Directory = directory,
                ConfigOf = topic => LogConfig.Default with
                {
                    RetentionMs = -1,
                    CleanupCompact = topic == "compact",
                    CleanupDelete = topic != "compact",
                    MinCleanableDirtyRatio = 0,
                    SegmentMs = 20_000,
                },
            },
            Token);
        Assert.True(store.WasClean);
        var result = new Dictionary<(string, int), byte[]>();
        foreach (var key in Logs)
        {
            Assert.True(store.TryGet(key.Topic, key.Partition, out var log));
            Assert.NotEqual(Uuid.Zero, log.TopicId);
            Assert.True(theirs[key].AsSpan().SequenceEqual(Read(log)), $"{key} differs here.");
            if (key == ("plain", 0))
            {
                Assert.Equal(stable, log.LastStableOffset);
                for (var sequence = 0; sequence < 3; sequence++)
                    await AppendAsync(log, Batches.Idempotent(ProducerId, 0, sequence, "ours"));
            }
            else if (key.Topic == "compact")
            {
                for (var i = 0; i < 8; i++)
                {
                    var time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + (i * 10_000);
                    await AppendAsync(log, ModelRequests.Batch([($"k{i % 3}", $"ours{i}")], time, RecordBatchProducer.None));
                }

                var before = log.SizeInBytes;
                await store.RunCompactionAsync(Token);
                Assert.True(log.SizeInBytes < before);
            }
            else
            {
                for (var codec = 0; codec <= 4; codec++)
                    await AppendAsync(log, codec == 0 ? Batches.Of("plain") : Batches.Compressed(codec, "ours", "ours too"));
            }

            result[key] = Read(log);
        }

        return result;
    }

    private static async Task AppendAsync(PartitionLog log, byte[] batch) =>
        Assert.Equal(ErrorCode.None, (await log.AppendAsync(batch, AppendOrigin.Client, Token)).Error);

    /// <summary>Has Kafka's own tool look through every file.</summary>
    private static async Task DumpAsync(string directory)
    {
        var files = Logs.SelectMany(log => Directory.GetFiles(Path.Combine(directory, $"{log.Topic}-{log.Partition}")))
            .Where(file => Path.GetExtension(file) is ".log" or ".index" or ".timeindex" or ".txnindex" or ".snapshot").ToArray();
        Assert.Equal(5, files.Select(Path.GetExtension).Distinct().Count());
        var dumped = await KafkaTools.RunAsync("dump-log", $"--deep-iteration --files {string.Join(',', files)}");
        Assert.All(files, file => Assert.Contains(file, dumped, StringComparison.Ordinal));
        Assert.Contains($"producerId: {ProducerId}", dumped, StringComparison.Ordinal);
        foreach (var fault in (string[])["ismatch", "nvalid: false", "Exception", "out of order", "rror"])
            Assert.DoesNotContain(fault, dumped, StringComparison.Ordinal);
    }

    private static async Task<Dictionary<(string, int), byte[]>> ReadAllAsync(TestClient client)
    {
        var result = new Dictionary<(string, int), byte[]>();
        foreach (var (topic, partition) in Logs)
            result[(topic, partition)] = await ReadAsync(client, topic, partition);
        return result;
    }

    private static async Task<byte[]> ReadAsync(TestClient client, string topic, int partition)
    {
        var result = new List<byte>();
        for (var offset = 0L; ;)
        {
            var data = (await client.SendAsync(Brokers.Fetch(topic, offset, partition), 12)).Responses[0].Partitions[0];
            Assert.Equal(ErrorCode.None, (ErrorCode)data.ErrorCode);
            if (data.Records is not { Length: > 0 } records)
                return [.. result];
            offset = Take(records.Span, result);
        }
    }

    private static byte[] Read(PartitionLog log)
    {
        var result = new List<byte>();
        for (var offset = log.LogStartOffset; ;)
        {
            using var read = log.Read(offset, 1 << 20, atLeastOneBatch: true);
            Assert.Equal(ErrorCode.None, read.Error);
            if (read.Records.IsEmpty)
                return [.. result];
            offset = Take(read.Records.Span, result);
        }
    }

    // The first batch of an answer may begin before the offset asked for.
    private static long Take(ReadOnlySpan<byte> records, List<byte> result)
    {
        var next = 0L;
        foreach (var batch in new RecordBatchEnumerator(records))
        {
            result.AddRange(batch.Bytes);
            next = batch.LastOffset + 1;
        }

        return next;
    }
}
