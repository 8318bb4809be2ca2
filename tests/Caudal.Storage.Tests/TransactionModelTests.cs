using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

/// <summary>Random transactions of several producers, with restarts and crashes, against a list of what was committed.</summary>
public sealed class TransactionModelTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Readers_of_committed_records_see_those_and_no_others(int seed)
    {
        var random = new Random(seed);
        var durability = (Durability)(seed % 4);
        var config = LogConfig.Default with { SegmentBytes = random.Next(300, 2000), IndexIntervalBytes = random.Next(1, 500) };
        await using var store = await StoreFixture.StartAsync(durability, config);
        var model = new Model(random, store, durability != Durability.Memory);
        for (var step = 0; step < 200; step++)
        {
            await model.StepAsync();
            model.Check();
        }

        Assert.True(model.Ended > 10);
    }

    private sealed class Model(Random random, StoreFixture store, bool onDisk)
    {
        private const int Producers = 4;

        // What was written at each offset; null for a marker. An aborted record stays here, but is void.
        private readonly List<Written?> _log = [];
        private readonly int[] _sequences = new int[Producers];
        private readonly short[] _epochs = new short[Producers];
        private readonly List<Written>?[] _open = new List<Written>?[Producers];
        private long _start;

        internal int Ended { get; private set; }

        internal async Task StepAsync()
        {
            switch (random.Next(onDisk ? 23 : 20))
            {
                case < 12:
                    await WriteAsync(random.Next(Producers));
                    break;
                case < 18:
                    await EndAsync(random.Next(Producers));
                    break;
                case 18 when random.Next(5) == 0:
                    _start = Math.Max(_start, random.NextInt64(store.Log.HighWatermark + 1));
                    Assert.Equal(ErrorCode.None, await store.Log.DeleteRecordsAsync(_start, TestContext.Current.CancellationToken));
                    break;
                case 20:
                    await store.RestartAsync();
                    break;
                case 21:
                    store.Store.TryWriteCheckpoints();
                    break;
                case 22:
                    await store.CrashAsync();
                    _start = store.Log.LogStartOffset;
                    break;
            }
        }

        internal void Check()
        {
            var firstOpen = _open.Where(o => o is not null).Select(o => o![0].Offset).DefaultIfEmpty(_log.Count).Min();
            Assert.Equal(Math.Max(firstOpen, _start), store.Log.LastStableOffset);
            Assert.Equal(_log.Count, store.Log.HighWatermark);
            var from = random.NextInt64(_start, Math.Max(_start, firstOpen) + 1);
            var expected = _log.Take((int)firstOpen)
                .Where(w => w is { IsVoid: false } && w.Offset >= from)
                .Select(w => (w!.Offset, w.Value));
            Assert.Equal(expected, CommittedReader.Read(store.Log, from, random.Next(1, 3000)));
        }

        private async Task WriteAsync(int producer)
        {
            var isTransactional = _open[producer] is not null || random.Next(4) > 0;
            var count = random.Next(1, 4);
            var values = Enumerable.Range(0, count).Select(i => $"{producer}:{_log.Count + i}").ToArray();
            var batch = Batches.Make(
                [.. values.Select(v => (Batches.Time, (string?)"k", (string?)v))],
                new RecordBatchProducer(producer, _epochs[producer], _sequences[producer], isTransactional));
            var result = await store.AppendAsync(batch);
            Assert.Equal((ErrorCode.None, (long)_log.Count), (result.Error, result.BaseOffset));
            _sequences[producer] += count;
            foreach (var value in values)
            {
                var written = new Written(_log.Count, value);
                _log.Add(written);
                if (isTransactional)
                    (_open[producer] ??= []).Add(written);
            }
        }

        private async Task EndAsync(int producer)
        {
            var commit = random.Next(2) == 0;
            // With or without a new epoch, with or without an open transaction.
            if (random.Next(2) == 0)
            {
                _epochs[producer]++;
                _sequences[producer] = 0;
            }

            var type = commit ? ControlRecordType.Commit : ControlRecordType.Abort;
            var marker = Batches.Marker(producer, _epochs[producer], type);
            Assert.Equal(ErrorCode.None, (await store.AppendAsync(marker, AppendOrigin.Coordinator)).Error);
            _log.Add(null);
            if (_open[producer] is not { } records)
                return;
            records.ForEach(r => r.IsVoid = !commit);
            _open[producer] = null;
            Ended++;
        }
    }

    private sealed record Written(long Offset, string Value)
    {
        internal bool IsVoid { get; set; }
    }
}
