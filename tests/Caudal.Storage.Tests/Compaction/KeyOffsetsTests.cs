using System.Text;
using Caudal.Storage.Compaction;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Compaction;

public sealed class KeyOffsetsTests
{
    [Fact]
    public void The_table_knows_the_last_offset_of_each_key()
    {
        var keys = new KeyOffsets(1 << 20);
        for (var i = 0; i < 10_000; i++)
            Assert.True(keys.TryAdd(Encoding.UTF8.GetBytes($"k{i % 7000}"), i));
        Assert.Equal((7000, 9999L), (keys.Count, keys.LatestOffset));
        for (var i = 0; i < 7000; i++)
            Assert.Equal(i < 3000 ? i + 7000 : i, keys.Find(Encoding.UTF8.GetBytes($"k{i}")));
        Assert.Equal(-1, keys.Find("other"u8));
    }

    [Fact]
    public void A_full_table_takes_known_keys_only()
    {
        var keys = new KeyOffsets(1);
        var count = 0;
        while (keys.TryAdd(BitConverter.GetBytes(count), count))
            count++;
        Assert.InRange(count, 700, 1024);
        Assert.Equal(count - 1, keys.LatestOffset);
        Assert.True(keys.TryAdd(BitConverter.GetBytes(0), count));
        Assert.Equal(count, keys.Find(BitConverter.GetBytes(0)));
    }

    [Fact]
    public async Task A_log_with_more_keys_than_fit_is_compacted_in_rounds()
    {
        await using var store = await StoreFixture.StartAsync(config: Keyed.Compacted with { SegmentBytes = 20_000 }, compactionBytes: 1);
        for (var i = 0; i < 3000; i += 10)
            await store.PutAsync([.. Enumerable.Range(i, 10).Select(k => $"k{k % 2000}={k}")]);
        await store.RollAsync();
        var dirty = store.Log.Segments[^1].BaseOffset;
        await store.CompactAsync();
        Assert.Equal(dirty, store.Log.CleanedOffset);
        var pairs = Keyed.ReadPairs(store.Log).Where(p => p.Contains('k')).Select(p => p[(p.IndexOf(':') + 1)..]).Order();
        Assert.Equal(Enumerable.Range(0, 2000).Select(k => $"k{k}={(k < 1000 ? k + 2000 : k)}").Order(), pairs);
    }
}
