namespace Caudal.Client.Tests.Configuration;

public sealed class UnsupportedPropertyTests
{
    [Theory]
    [InlineData("BootstrapServers")]
    [InlineData("BOOTSTRAP_SERVERS")]
    [InlineData("bootstrap:servers")]
    [InlineData("bootstrap.servers")]
    public void Names_may_be_spelt_as_configurations_do(string name)
    {
        var properties = KafkaProperties.Normalize([new(name, "a:1"), new("ClientId", "c"), new("GroupId", null)]);

        var options = KafkaClientOptions.FromProperties(properties);
        Assert.Equal(("a:1", "c"), (options.BootstrapServers, options.ClientId));
        Assert.DoesNotContain("group.id", properties.Keys);
    }

    [Theory]
    [InlineData("max.poll.records", "ProcessingOptions.MaxPending")]
    [InlineData("ssl.ca.location", "TLS is not supported yet")]
    [InlineData("enable.partition.eof", "PartitionEndReached")]
    [InlineData("gruop.id", "did you mean group.id")]
    public void What_means_nothing_here_is_an_error_that_says_what_does(string name, string instead)
    {
        var error = Assert.Throws<ArgumentException>(() => ConsumerOptions.FromProperties(new Dictionary<string, string> { [name] = "1" }));

        Assert.Contains(instead, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_by_age_is_read()
    {
        var options = ConsumerOptions.FromProperties(new Dictionary<string, string>
        {
            ["auto.offset.reset"] = "by_duration:P1DT2H",
            ["partition.assignment.strategy"] = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor,cooperative-sticky",
            ["queued.max.messages.kbytes"] = "64",
        });

        Assert.Equal((AutoOffsetReset.ByDuration, TimeSpan.FromHours(26)), (options.AutoOffsetReset, options.AutoOffsetResetAge));
        Assert.All(options.Assignors, a => Assert.Same(GroupAssignors.CooperativeSticky, a));
        Assert.Equal(65_536, options.MaxBufferedBytes);
        Assert.Throws<ArgumentException>(
            () => ConsumerOptions.FromProperties(new Dictionary<string, string> { ["auto.offset.reset"] = "by_duration:1h" }));
    }
}
