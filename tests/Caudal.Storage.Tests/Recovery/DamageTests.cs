using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Recovery;

/// <summary>Random damage to segments that were not synced: what is left is always a beginning of what was written.</summary>
public sealed class DamageTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task What_is_left_after_random_damage_is_a_beginning(int seed)
    {
        var random = new Random(seed);
        await using var store = await StoreFixture.StartAsync(config: LogConfig.Default with { SegmentBytes = random.Next(300, 2000) });
        for (var i = 0; i < 30; i++)
            await store.AppendAsync($"v{i}");
        await store.Store.AbandonAsync();
        var files = Directory.GetFiles(store.LogPath, "*.log").Order(StringComparer.Ordinal).ToArray();
        for (var count = random.Next(1, 4); count > 0; count--)
            await DamageAsync(random, files[random.Next(files.Length)]);
        await store.OpenAsync();
        var left = Batches.ReadAll(store.Log);
        Assert.Equal(Enumerable.Range(0, (int)store.Log.EndOffset).Select(i => ((long)i, $"v{i}")), left);
        Assert.True(left.Count < 30);
        Assert.Equal(left.Count, await store.AppendAsync("next"));
        await store.CrashAsync();
        Assert.Equal(left.Count + 1, Batches.ReadAll(store.Log).Count);
    }

    private static async Task DamageAsync(Random random, string path)
    {
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        if (bytes.Length == 0)
            return;
        var at = random.Next(bytes.Length);
        switch (random.Next(4))
        {
            case 0:
                // Leader epoch and base offset are not covered by the checksum: a flip there is another matter.
                bytes[(at / Size(bytes) * Size(bytes)) + 17 + random.Next(Size(bytes) - 17)] ^= (byte)random.Next(1, 256);
                break;
            case 1:
                bytes = bytes[..at];
                break;
            case 2:
                bytes.AsSpan(at).Clear();
                break;
            default:
                random.NextBytes(bytes.AsSpan(at));
                break;
        }

        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
    }

    private static int Size(byte[] bytes) => Math.Min(Batches.Of("v0").Length, bytes.Length);
}
