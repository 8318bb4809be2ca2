using Caudal.Cli.Perf;

namespace Caudal.Cli.Tests.Perf;

public class HistogramTests
{
    [Fact]
    public void Quantiles_are_less_than_two_percent_off()
    {
        var histogram = new Histogram();
        for (var i = 1; i <= 1000; i++)
            histogram.Add(i * 1_000_000L);

        foreach (var (share, expected) in new[] { (0.0, 1.0), (0.5, 500), (0.99, 990), (0.999, 999), (1, 1000) })
            Assert.InRange(histogram.Quantile(share)!.Value, expected, expected * 1.02);
        Assert.Equal(1000, histogram.Count);
    }

    [Fact]
    public void Every_duration_finds_its_bucket()
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var value = random.NextInt64() >> random.Next(63);
            var histogram = new Histogram();
            histogram.Add(value);
            Assert.InRange(histogram.Quantile(0.5)!.Value * 1e6, value * 0.999, (value * 1.017) + 1);
        }
    }

    [Fact]
    public void An_empty_histogram_has_no_quantiles() => Assert.Null(new Histogram().Quantile(0.5));

    [Fact]
    public void A_clock_that_went_back_counts_as_nothing()
    {
        var histogram = new Histogram();
        histogram.Add(-5);

        Assert.Equal(0, histogram.Quantile(1));
    }
}
