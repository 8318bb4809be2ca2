using Caudal.Protocol;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Recovery;

public sealed class ForeignTruncationTests
{
    [Fact]
    public async Task A_file_that_somebody_cut_gives_an_error_and_never_hangs()
    {
        await using var store = await StoreFixture.StartAsync();
        for (var i = 0; i < 50; i++)
            await store.AppendAsync($"v{i}");
        await store.RestartAsync();
        using (var file = File.OpenHandle(store.FileOf(0, ".log"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            RandomAccess.SetLength(file, RandomAccess.GetLength(file) / 2);
        for (var offset = 0; offset < 50; offset++)
        {
            using var read = store.Log.Read(offset, 100, true);
            Assert.True(read.Error is ErrorCode.None or ErrorCode.KafkaStorageError);
            Assert.True(store.Log.AvailableBytes(offset) > 0);
        }

        Assert.Equal(ErrorCode.KafkaStorageError, store.Log.Read(49, 100, true).Error);
    }
}
