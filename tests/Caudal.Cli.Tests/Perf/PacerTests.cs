using Caudal.Cli.Perf;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Cli.Tests.Perf;

public class PacerTests
{
    [Fact]
    public void Calls_are_spread_evenly()
    {
        var time = new FakeTimeProvider();
        var pacer = new Pacer(10, time);
        Assert.True(pacer.WaitAsync(TestContext.Current.CancellationToken).AsTask().IsCompleted);

        var second = pacer.WaitAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(second.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.True(second.IsCompleted);
    }

    [Fact]
    public void A_late_caller_catches_up()
    {
        var time = new FakeTimeProvider();
        var pacer = new Pacer(10, time);
        time.Advance(TimeSpan.FromSeconds(1));

        for (var i = 0; i < 10; i++)
            Assert.True(pacer.WaitAsync(TestContext.Current.CancellationToken).AsTask().IsCompleted);
    }

    [Fact]
    public void Without_a_rate_nobody_waits() =>
        Assert.True(new Pacer(0, new FakeTimeProvider()).WaitAsync(TestContext.Current.CancellationToken).AsTask().IsCompleted);
}
