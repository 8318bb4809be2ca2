using Caudal.Storage.Compaction;
using Caudal.Storage.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Storage.Tests.Compaction;

public sealed class IoThrottleTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Without_a_limit_nothing_waits()
    {
        var throttle = new IoThrottle(static () => double.MaxValue, _clock);
        for (var i = 0; i < 100; i++)
        {
            throttle.Count(int.MaxValue);
            Assert.True(throttle.WaitAsync(CancellationToken.None).AsTask().IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task What_was_counted_takes_as_long_as_the_rate_says()
    {
        var throttle = new IoThrottle(static () => 1000, _clock);
        for (var round = 0; round < 3; round++)
        {
            throttle.Count(900);
            var waiting = throttle.WaitAsync(CancellationToken.None).AsTask();
            _clock.Advance(TimeSpan.FromMilliseconds(899));
            Assert.False(waiting.IsCompleted);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await waiting.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Little_is_not_waited_for_but_adds_up()
    {
        var throttle = new IoThrottle(static () => 1000, _clock);
        for (var i = 0; i < 3; i++)
        {
            throttle.Count(100);
            Assert.True(throttle.WaitAsync(CancellationToken.None).AsTask().IsCompletedSuccessfully);
        }

        throttle.Count(100);
        var waiting = throttle.WaitAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(400));
        await waiting.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Idle_time_earns_nothing()
    {
        var throttle = new IoThrottle(static () => 1000, _clock);
        await throttle.WaitAsync(CancellationToken.None);
        _clock.Advance(TimeSpan.FromHours(1));
        await throttle.WaitAsync(CancellationToken.None);
        throttle.Count(1000);
        var waiting = throttle.WaitAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await waiting.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_higher_rate_counts_within_a_second()
    {
        var rate = 1.0;
        var throttle = new IoThrottle(() => rate, _clock);
        throttle.Count(1_000_000);
        var waiting = throttle.WaitAsync(CancellationToken.None).AsTask();
        rate = double.MaxValue;
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await waiting.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.Os)]
    public async Task Compaction_takes_as_long_as_its_reads_and_writes_may(Durability durability)
    {
        await using var store = await StoreFixture.StartAsync(
            durability, Keyed.Compacted, compactionBytesPerSecond: static () => 100);
        for (var i = 0; i < 60; i++)
            await store.PutAsync($"a={i}", $"b={i}");
        await store.RollAsync();
        var dirty = store.Log.Segments[^1].BaseOffset;
        var read = store.Log.Segments[..^1].Sum(segment => (long)segment.Size);
        var since = store.Clock.GetTimestamp();
        var compacting = store.CompactAsync().AsTask();
        while (!compacting.IsCompleted)
        {
            store.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await compacting;
        Assert.Equal(dirty, store.Log.CleanedOffset);
        // Once for the keys and once for the records; what was written comes on top. The last wait is too short to be made.
        Assert.True(store.Clock.GetElapsedTime(since) > TimeSpan.FromSeconds((2 * read / 100.0) - 1));
    }

    [Fact]
    public async Task Closing_the_store_does_not_wait_for_a_compaction_that_waits()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var store = await StoreFixture.StartAsync(Durability.Os, Keyed.Compacted, compactionBytesPerSecond: AlmostNothing);
        for (var i = 0; i < 60; i++)
            await store.PutAsync($"a={i}", $"b={i}");
        await store.RollAsync();
        var before = Keyed.ReadPairs(store.Log);
        var compacting = store.CompactAsync().AsTask();
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        await store.RestartAsync();
        await compacting;
        Assert.Equal(before, Keyed.ReadPairs(store.Log));

        double AlmostNothing()
        {
            begun.TrySetResult();
            return 0.001;
        }
    }
}
