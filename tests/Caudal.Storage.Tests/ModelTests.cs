using System.Globalization;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

/// <summary>Random operations on a log, compared with a plain list after each of them.</summary>
public sealed class ModelTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_log_behaves_as_a_list(int seed)
    {
        var random = new Random(seed);
        var durability = (Durability)(seed % 4);
        var config = LogConfig.Default with
        {
            SegmentBytes = random.Next(300, 3000),
            IndexIntervalBytes = random.Next(1, 500),
            RetentionMs = 60_000,
            RetentionBytes = 20_000,
        };
        await using var store = await StoreFixture.StartAsync(durability, config);
        var model = new Model(random, store);
        for (var step = 0; step < 150; step++)
        {
            await model.StepAsync(durability != Durability.Memory);
            model.Check();
        }

        Assert.True(model.Appended > 50);
    }

    private sealed class Model(Random random, StoreFixture store)
    {
        private readonly List<(string Value, long Time)> _records = [];
        private readonly Dictionary<long, int> _sequences = [];
        private long _start;
        private int _epoch;

        internal int Appended { get; private set; }

        private PartitionLog Log => store.Log;

        private long Now => store.Clock.GetUtcNow().ToUnixTimeMilliseconds();

        internal async Task StepAsync(bool onDisk)
        {
            switch (random.Next(onDisk ? 20 : 17))
            {
                case < 12:
                    await AppendAsync();
                    break;
                case 12:
                    // The store looks for old segments by itself as time goes on.
                    store.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(20_000)));
                    CheckRetention();
                    _start = Log.LogStartOffset;
                    break;
                case 13:
                    await store.Store.RunRetentionAsync();
                    CheckRetention();
                    _start = Log.LogStartOffset;
                    break;
                case 14 or 15:
                    var offset = random.NextInt64(_records.Count + 2);
                    var expected = offset > _records.Count ? ErrorCode.OffsetOutOfRange : ErrorCode.None;
                    Assert.Equal(expected, await Log.DeleteRecordsAsync(offset, TestContext.Current.CancellationToken));
                    _start = expected == ErrorCode.None ? Math.Max(_start, offset) : _start;
                    break;
                case 16:
                    await ResendAsync();
                    break;
                case 17:
                    await store.RestartAsync();
                    Assert.True(store.Store.WasClean);
                    break;
                case 18:
                    store.Store.TryWriteCheckpoints();
                    break;
                default:
                    await store.CrashAsync();
                    _epoch++;
                    break;
            }
        }

        internal void Check()
        {
            Assert.Equal((_start, (long)_records.Count, (long)_records.Count), (Log.LogStartOffset, Log.EndOffset, Log.HighWatermark));
            Assert.Equal(_epoch, Log.LeaderEpoch);
            if (_start < _records.Count)
            {
                var from = random.NextInt64(_start, _records.Count);
                var maxBytes = random.Next(1, 2000);
                using var read = Log.Read(from, maxBytes, true);
                var got = Batches.Parse(read.Records.Span);
                Assert.True(got[0].Offset <= from && got[^1].Offset >= from);
                Assert.All(got, r => Assert.Equal(_records[(int)r.Offset].Value, r.Value));
                CheckTime(_records[(int)from].Time);
            }

            if (random.Next(10) == 0)
            {
                var all = Batches.ReadAll(Log, maxBytes: random.Next(1, 5000));
                Assert.Equal(_records.Skip((int)_start).Select(r => r.Value), all.Select(r => r.Value));
            }
        }

        private async Task AppendAsync()
        {
            var count = random.Next(1, 5);
            var producer = random.Next(4);
            var sequence = _sequences.GetValueOrDefault(producer);
            var values = Enumerable.Range(0, count).Select(i => $"{producer}:{sequence + i}:{new string('x', random.Next(60))}").ToArray();
            var times = values.Select(_ => Now - random.Next(5000)).ToArray();
            var batch = Batches.Make(
                [.. values.Select((v, i) => (times[i], (string?)"k", (string?)v))],
                producer == 0 ? RecordBatchProducer.None : new RecordBatchProducer(producer, 0, sequence));
            var result = await store.AppendAsync(batch);
            Assert.Equal((ErrorCode.None, (long)_records.Count), (result.Error, result.BaseOffset));
            _records.AddRange(values.Zip(times));
            _sequences[producer] = sequence + count;
            Appended += count;
        }

        private async Task ResendAsync()
        {
            var last = _records.FindLastIndex(r => r.Value[0] == '1');
            if (last < 0)
                return;
            var sequence = int.Parse(_records[last].Value.Split(':')[1], CultureInfo.InvariantCulture);
            // A gap that no window excuses.
            var result = await store.AppendAsync(Batches.From(1, 0, sequence + 5));
            Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, result.Error);
        }

        private void CheckTime(long time)
        {
            var expected = Enumerable.Range((int)_start, _records.Count - (int)_start).First(i => _records[i].Time >= time);
            Assert.Equal(expected, Log.FindOffsetByTimestamp(time)?.Offset);
        }

        private void CheckRetention()
        {
            Assert.True(Log.LogStartOffset >= _start);
            // What is gone was old, or too much.
            var isTooLarge = Log.SizeInBytes > 20_000 - 3000;
            for (var i = (int)_start; i < Log.LogStartOffset; i++)
                Assert.True(isTooLarge || Now - _records[i].Time > 60_000);
        }
    }
}
