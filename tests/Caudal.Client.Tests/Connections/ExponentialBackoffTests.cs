using Caudal.Client.Connections;

namespace Caudal.Client.Tests.Connections;

public sealed class ExponentialBackoffTests
{
    [Fact]
    public void Waits_double_up_to_the_limit_and_vary_by_a_fifth()
    {
        var backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        for (var failures = 1; failures < 200; failures++)
        {
            var expected = Math.Min(100 * Math.Pow(2, Math.Min(failures - 1, 20)), 1000);
            Assert.InRange(backoff.After(failures).TotalMilliseconds, expected * 0.8, expected * 1.2);
        }

        Assert.Equal(TimeSpan.Zero, backoff.After(0));
    }
}
