using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

public sealed class AllocationTests
{
    private const int Rounds = 2000;

    [Theory]
    [InlineData(Durability.Memory, 300, 0)]
    [InlineData(Durability.Os, 100, 100)]
    public async Task Appending_and_reading_allocate_a_small_constant_per_batch(Durability durability, int perAppend, int perRead)
    {
        using var directory = new TemporaryDirectory();
        await using var store = await LogStore.OpenAsync(
            new LogStoreOptions { Directory = durability == Durability.Memory ? null : directory.Path, Durability = durability },
            TestContext.Current.CancellationToken);
        var log = store.Create("t", 0, StoreFixture.TopicId, LogConfig.Default);
        // 100 records; in memory, the bytes themselves are allocated in chunks and counted apart.
        var batch = Batches.Of(Batches.Time, [.. Enumerable.Repeat("", 100)]);
        var original = batch.ToArray();
        Run(log, batch, original);
        var (append, read) = Run(log, batch, original);
        var kept = durability == Durability.Memory ? original.Length : 0;
        Assert.InRange((append / Rounds) - kept, -original.Length, perAppend);
        Assert.InRange(read / Rounds, 0, perRead);
    }

    private static (long Append, long Read) Run(PartitionLog log, Memory<byte> batch, byte[] original)
    {
        var append = 0L;
        var read = 0L;
        for (var i = 0; i < Rounds; i++)
        {
            original.CopyTo(batch);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var task = log.AppendAsync(batch, AppendOrigin.Client);
            append += GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(task.IsCompletedSuccessfully);
            var offset = log.EndOffset - 100;
            before = GC.GetAllocatedBytesForCurrentThread();
            int length;
            using (var result = log.Read(offset, 1 << 20, true))
                length = result.Records.Length;
            read += GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(original.Length, length);
        }

        return (append, read);
    }
}
