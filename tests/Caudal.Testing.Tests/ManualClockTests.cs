namespace Caudal.Testing.Tests;

public class ManualClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Time_stands_still_until_it_is_moved()
    {
        var clock = new ManualClock(Start);
        var before = clock.GetTimestamp();

        clock.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal(Start.AddSeconds(90), clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(90), clock.GetElapsedTime(before));
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void Timers_run_in_the_order_of_their_times_each_at_its_own()
    {
        var clock = new ManualClock(Start);
        var seen = new List<(string Name, double Second)>();
        void Note(object? name) => seen.Add(((string)name!, (clock.GetUtcNow() - Start).TotalSeconds));

        using var late = clock.CreateTimer(Note, "late", TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using var often = clock.CreateTimer(Note, "often", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        var never = clock.CreateTimer(Note, "never", TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        never.Dispose();
        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["often@1", "late@3", "often@3", "often@5"], seen.Select(s => $"{s.Name}@{s.Second}"));
    }

    [Fact]
    public void A_timer_that_is_set_by_a_timer_runs_in_the_same_move()
    {
        var clock = new ManualClock(Start);
        var runs = 0;
        ITimer? timer = null;
        timer = clock.CreateTimer(
            _ =>
            {
                if (++runs < 3)
                    timer!.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
            },
            null,
            TimeSpan.FromSeconds(1),
            Timeout.InfiniteTimeSpan);

        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(3, runs);
        timer.Dispose();
    }

    [Fact]
    public async Task Delays_and_timeouts_of_tasks_follow_it()
    {
        var clock = new ManualClock(Start);
        var delay = Task.Delay(TimeSpan.FromMinutes(5), clock, TestContext.Current.CancellationToken);
        Assert.False(delay.IsCompleted);

        clock.Advance(TimeSpan.FromMinutes(5));

        await delay;
    }

    [Fact]
    public async Task A_timer_that_is_due_at_once_does_not_wait_for_the_clock()
    {
        var ran = new TaskCompletionSource();

        using var timer = new ManualClock(Start).CreateTimer(_ => ran.SetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        await ran.Task.WaitAsync(TestContext.Current.CancellationToken);
    }
}
