using Caudal.Broker.Network;

namespace Caudal.Broker.Tests.Network;

public sealed class AvailableMemoryTests
{
    [Fact]
    public void Before_the_first_collection_one_is_made_to_know_it()
    {
        var known = 0L;
        Assert.Equal(1000, AvailableMemory.Find(() => known, () => known = 1000));
    }

    [Fact]
    public void What_is_known_costs_no_collection() =>
        Assert.Equal(1000, AvailableMemory.Find(() => 1000, () => Assert.Fail("A collection was made.")));

    [Fact]
    public void This_machine_has_some() => Assert.True(AvailableMemory.Find() > 64 << 20);
}
