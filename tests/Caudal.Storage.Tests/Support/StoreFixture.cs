using Caudal.Protocol;
using Caudal.Storage.Files;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Storage.Tests.Support;

/// <summary>A store with one log, that can be closed, killed and opened again, on a clock that stands still.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    internal const string Topic = "orders";
    internal static readonly Uuid TopicId = new(0x4000, long.MinValue + 1);

    private readonly TemporaryDirectory _directory = new();
    private readonly long _compactionBytes;

    private Func<double>? _compactionBytesPerSecond;

    private StoreFixture(Durability durability, LogConfig config, DiskIo? io, long compactionBytes)
    {
        _compactionBytes = compactionBytes;
        Durability = durability;
        Config = config;
        Io = io ?? DiskIo.Real;
        Clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(Batches.Time));
    }

    internal FakeTimeProvider Clock { get; }

    /// <summary>From the next opening on.</summary>
    internal Durability Durability { get; set; }

    internal LogConfig Config { get; set; }

    internal DiskIo Io { get; private set; }

    internal LogStore Store { get; private set; } = null!;

    internal PartitionLog Log { get; private set; } = null!;

    internal string Path => _directory.Path;

    internal string LogPath => _directory.Of($"{Topic}-0");

    internal string FileOf(long offset, string suffix) => System.IO.Path.Combine(LogPath, FileNames.Of(offset, suffix));

    internal static async Task<StoreFixture> StartAsync(
        Durability durability = Durability.Os,
        LogConfig? config = null,
        DiskIo? io = null,
        long compactionBytes = 1 << 20,
        Func<double>? compactionBytesPerSecond = null)
    {
        var fixture = new StoreFixture(durability, config ?? LogConfig.Default, io, compactionBytes)
        {
            _compactionBytesPerSecond = compactionBytesPerSecond,
        };
        await fixture.OpenAsync();
        return fixture;
    }

    /// <summary>Starts on files whose operations are watched.</summary>
    internal static async Task<StoreFixture> StartAsync(Durability durability, LogConfig config, Func<string, DiskIo> watch)
    {
        var fixture = new StoreFixture(durability, config, null, 1 << 20);
        fixture.Io = watch(fixture.Path);
        await fixture.OpenAsync();
        return fixture;
    }

    internal async Task OpenAsync()
    {
        Store = await LogStore.OpenAsync(new LogStoreOptions
        {
            Directory = Durability == Durability.Memory ? null : _directory.Path,
            Durability = Durability,
            ConfigOf = _ => Config,
            TimeProvider = Clock,
            TailCacheBytes = 4096,
            CompactionBufferBytes = _compactionBytes,
            CompactionBytesPerSecond = _compactionBytesPerSecond ?? (static () => double.PositiveInfinity),
            Io = Io,
        });
        try
        {
            Log = Store.TryGet(Topic, 0, out var found) ? found : Store.Create(Topic, 0, TopicId, Config);
        }
        catch (StorageException)
        {
            // Else it would write its checkpoints into the directory of the next one.
            await Store.AbandonAsync();
            throw;
        }
    }

    internal async Task RestartAsync()
    {
        await Store.DisposeAsync();
        await OpenAsync();
    }

    internal async Task CrashAsync()
    {
        await Store.AbandonAsync();
        await OpenAsync();
    }

    internal async Task<AppendResult> AppendAsync(Memory<byte> batch, AppendOrigin origin = AppendOrigin.Client) =>
        await Log.AppendAsync(batch, origin, TestContext.Current.CancellationToken);

    internal async Task<long> AppendAsync(params string[] values) => (await AppendAsync(Batches.Of(values))).BaseOffset;

    public async ValueTask DisposeAsync()
    {
        await Store.AbandonAsync();
        _directory.Dispose();
    }
}
