using System.Text.Json;

namespace Caudal.Cli.Tests.Commands;

public class PerfCommandTests(BrokerFixture broker)
{
    [Fact]
    public async Task Producing_and_consuming_print_one_line_each()
    {
        var topic = broker.NewName();

        var produced = (await broker.RunAsync(
                "perf", "produce", "--topic", topic, "--records", "5000", "--size", "50", "--partitions", "3")).Succeeded();
        var consumed = (await broker.RunAsync("perf", "consume", "--topic", topic, "--records", "5000")).Succeeded();

        var produce = JsonDocument.Parse(Assert.Single(produced.Lines)).RootElement;
        var consume = JsonDocument.Parse(Assert.Single(consumed.Lines)).RootElement;
        Assert.Equal(("caudal", "produce"), (produce.GetProperty("peer").GetString(), produce.GetProperty("work").GetString()));
        Assert.Equal(
            (4000, 200_000, 1000),
            (
                produce.GetProperty("records").GetInt32(), produce.GetProperty("bytes").GetInt32(),
                produce.GetProperty("warmup_records").GetInt32()));
        Assert.True(produce.GetProperty("p999_ms").GetDouble() >= produce.GetProperty("p50_ms").GetDouble());
        Assert.True(produce.GetProperty("max_rss").GetInt64() > 0);
        Assert.Equal("consume", consume.GetProperty("work").GetString());
        Assert.Equal(5000, consume.GetProperty("records").GetInt32() + consume.GetProperty("warmup_records").GetInt32());
        Assert.False(consume.TryGetProperty("p50_ms", out _));
    }

    [Fact]
    public async Task Every_flag_of_the_other_clients_is_taken()
    {
        var topic = broker.NewName();

        (await broker.RunAsync(
            "perf", "produce", "--topic", topic, "--records", "200", "--size", "200", "--partitions", "2", "--acks", "1", "--idempotent",
            "false", "--compression", "lz4", "--linger-ms", "0",
            "--batch-bytes", "100000", "--keys", "10", "--rate", "100000", "--payload", "json")).Succeeded();
        (await broker.RunAsync(
                "perf", "consume", "--topic", topic, "--records", "200", "--group", broker.NewName("group"), "--check-crc",
                "false")).Succeeded();

        var record = JsonDocument.Parse((await broker.RunAsync("consume", topic, "-n", "1")).Succeeded().Out).RootElement;
        Assert.Equal("EUR", record.GetProperty("currency").GetString());
    }

    [Theory]
    [InlineData("produce")]
    [InlineData("produce", "--topic", "t", "--records", "0")]
    [InlineData("produce", "--topic", "t", "--size", "0")]
    [InlineData("produce", "--topic", "t", "--acks", "1", "--idempotent", "true")]
    [InlineData("produce", "--topic", "t", "--payload", "xml")]
    [InlineData("consume", "--topic", "t", "--records", "-1")]
    public async Task Wrong_use_is_refused_with_one_line(params string[] args) =>
        Assert.NotEmpty((await broker.RunAsync(["perf", .. args])).Failed(CaudalCommand.WrongUse).Error);
}
