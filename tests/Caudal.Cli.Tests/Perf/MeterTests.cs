using System.Text.Json;
using Caudal.Cli.Output;
using Caudal.Cli.Perf;

namespace Caudal.Cli.Tests.Perf;

public class MeterTests
{
    [Fact]
    public void The_first_fifth_is_left_out()
    {
        var meter = new Meter(100);
        for (var i = 0; i < 15; i++)
        {
            Assert.Equal(i >= 3, meter.IsWarm);
            meter.Advance(7);
        }

        var report = meter.Report("produce", 1050, null);

        Assert.True(meter.Finished.IsCompletedSuccessfully);
        Assert.Equal((21, 84, 840), (report.WarmUpRecords, report.Records, report.Bytes));
    }

    [Fact]
    public void A_handful_of_records_has_no_warm_up()
    {
        var meter = new Meter(3);
        meter.Advance(3);

        Assert.Equal(3, meter.Report("consume", 30, null).Records);
    }

    [Fact]
    public void The_report_is_the_line_that_other_clients_print()
    {
        var histogram = new Histogram();
        histogram.Add(1_000_000);
        var meter = new Meter(10);
        meter.Advance(2);
        meter.Advance(8);

        var json = JsonSerializer.SerializeToElement(meter.Report("produce", 100, histogram), CliJson.Default.PerfReport);

        Assert.Equal(
            [
                "peer", "work", "records", "bytes", "seconds", "cpu_seconds", "max_rss", "allocated", "p50_ms", "p99_ms", "p999_ms",
                "warmup_records"],
            json.EnumerateObject().Select(p => p.Name));
        Assert.Equal("caudal", json.GetProperty("peer").GetString());
    }

    [Fact]
    public void Latencies_that_were_not_measured_are_left_out()
    {
        var meter = new Meter(1);
        meter.Advance(1);

        var json = JsonSerializer.SerializeToElement(meter.Report("consume", 1, null), CliJson.Default.PerfReport);

        Assert.False(json.TryGetProperty("p50_ms", out _));
    }
}
