namespace Caudal.Client.Tests.Consuming;

public sealed class ConsumerOptionsTests
{
    [Fact]
    public void Defaults_are_good() => Assert.Empty(new ConsumerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8).Validate());

    [Fact]
    public void Every_fault_is_listed()
    {
        var options = new ConsumerOptions<string?, string?>(null!, Serdes.Utf8)
        {
            GroupId = "",
            GroupInstanceId = "",
            HeartbeatInterval = TimeSpan.FromSeconds(50),
            FetchMaxBytes = 0,
            Assignors = [],
            IsolationLevel = (IsolationLevel)7,
        };

        Assert.Equal(7, options.Validate().Count);
    }

    [Fact]
    public async Task A_consumer_is_not_made_from_faulty_options()
    {
        await using var fixture = new ConsumerFixture();

        var error = Assert.Throws<ArgumentException>(
            () => fixture.Client.CreateConsumer(ConsumerFixture.Options with { GroupInstanceId = "i" }));

        Assert.Contains("group.id", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_strategy_may_be_offered_once() =>
        Assert.Single((ConsumerFixture.Options with { Assignors = [GroupAssignors.Range, GroupAssignors.Range] }).Validate());
}
