using Caudal.Compression;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Compaction;

public sealed class TransactionCompactionTests
{
    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.Os)]
    public async Task Aborted_records_go_at_once_and_hide_nothing(Durability durability)
    {
        await using var store = await StoreFixture.StartAsync(durability, Keyed.Compacted);
        await store.PutAsync("a=1");
        await InTransactionAsync(store, 7, 0, ControlRecordType.Abort, "a=2", "b=2");
        await InTransactionAsync(store, 8, 0, ControlRecordType.Commit, "c=3");
        await InTransactionAsync(store, 7, 1, ControlRecordType.Abort, "c=4");
        await store.RollAsync();
        await store.CompactAsync();
        var pairs = Keyed.ReadPairs(store.Log);
        Assert.Equal(["0:a=1", "4:c=3"], pairs[..2]);
        // The records of the aborts are gone, but whoever began to read before needs to know of them.
        Assert.Equal([1L, 6L], store.Log.FindAborted(0, store.Log.EndOffset)!.Select(a => a.FirstOffset));
        await store.RollAsync();
        await store.CompactAsync();
        // Of the last one a header is left, for the producer's sequence numbers.
        Assert.Equal([6L], store.Log.FindAborted(0, store.Log.EndOffset)!.Select(a => a.FirstOffset));
        Assert.Contains(Keyed.ReadBatches(store.Log), b => b is { ProducerId: 7, IsControl: true, HasHorizon: true });
    }

    [Fact]
    public async Task Markers_go_when_nothing_is_left_of_their_transactions_and_their_time_has_come()
    {
        await using var store = await StoreFixture.StartAsync(config: Keyed.Compacted);
        await InTransactionAsync(store, 7, 0, ControlRecordType.Commit, "a=1");
        await InTransactionAsync(store, 7, 1, ControlRecordType.Abort, "a=2");
        await InTransactionAsync(store, 7, 2, ControlRecordType.Commit, "a=3");
        await store.PutAsync("a=4");
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(3, Markers(store));
            await store.RollAsync();
            await store.CompactAsync();
        }

        store.Clock.Advance(TimeSpan.FromMinutes(2));
        await store.RollAsync();
        await store.CompactAsync();
        // The last batch of the producer stays for its state's sake, and with it the marker behind it.
        Assert.Equal(1, Markers(store));
        await store.Store.AbandonAsync();
        foreach (var file in Directory.GetFiles(store.LogPath, "*.s*"))
            File.Delete(file);
        await store.OpenAsync();
        Assert.Equal(store.Log.EndOffset, store.Log.LastStableOffset);
        Assert.Equal((short)2, Assert.Single(store.Log.DescribeProducers()).Epoch);
    }

    [Fact]
    public async Task Committed_records_in_several_rounds_are_those_of_a_map()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var random = new Random(seed);
            var durability = seed % 2 == 0 ? Durability.Memory : Durability.Os;
            await using var store = await StoreFixture.StartAsync(durability, Keyed.Compacted);
            var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
            for (var i = 0; i < 120; i++)
            {
                var pairs = Enumerable.Range(0, random.Next(1, 4))
                    .Select(_ => random.Next(5) == 0 ? $"k{random.Next(12)}" : $"k{random.Next(12)}={i}").ToArray();
                var isCommitted = random.Next(3) > 0;
                if (random.Next(2) == 0)
                    isCommitted = (await store.PutAsync(pairs)).Error == Protocol.ErrorCode.None;
                else
                    await InTransactionAsync(
                        store, random.Next(3), (short)i, isCommitted ? ControlRecordType.Commit : ControlRecordType.Abort, pairs);
                foreach (var pair in isCommitted ? pairs : [])
                {
                    var parts = pair.Split('=');
                    if (parts.Length > 1)
                        expected[parts[0]] = parts[1];
                    else
                        expected.Remove(parts[0]);
                }

                if (random.Next(10) == 0)
                    await store.CompactAsync();
                if (random.Next(10) == 0)
                    store.Clock.Advance(TimeSpan.FromSeconds(20));
                if (random.Next(20) == 0 && durability != Durability.Memory)
                    await (random.Next(2) == 0 ? store.RestartAsync() : store.CrashAsync());
                if (random.Next(5) == 0)
                    Assert.Equal(expected, ReadCommitted(store));
            }

            Assert.Equal(expected, ReadCommitted(store));
        }
    }

    private static int Markers(StoreFixture store) => Keyed.ReadBatches(store.Log).Count(b => b.IsControl && b.ProducerId == 7);

    private static async Task InTransactionAsync(StoreFixture store, long id, short epoch, ControlRecordType end, params string[] pairs)
    {
        var batch = Keyed.Of(new RecordBatchProducer(id, epoch, 0, true), CompressionType.None, pairs);
        Assert.Equal(Protocol.ErrorCode.None, (await store.AppendAsync(batch)).Error);
        var marker = await store.AppendAsync(Batches.Marker(id, epoch, end), AppendOrigin.Coordinator);
        Assert.Equal(Protocol.ErrorCode.None, marker.Error);
    }

    private static SortedDictionary<string, string> ReadCommitted(StoreFixture store)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var aborted = store.Log.FindAborted(store.Log.LogStartOffset, store.Log.EndOffset)!;
        foreach (var batch in Keyed.ReadBatches(store.Log))
        {
            var isVoid = aborted.Any(a =>
                a.ProducerId == batch.ProducerId && a.FirstOffset <= batch.BaseOffset && batch.LastOffset < a.LastOffset);
            if (batch.IsControl || isVoid)
                continue;
            foreach (var pair in batch.Pairs)
            {
                var parts = pair[(pair.IndexOf(':') + 1)..].Split('=');
                if (parts.Length > 1)
                    result[parts[0]] = parts[1];
                else
                    result.Remove(parts[0]);
            }
        }

        return result;
    }
}
