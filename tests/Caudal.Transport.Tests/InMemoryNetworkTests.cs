namespace Caudal.Transport.Tests;

public sealed class InMemoryNetworkTests
{
    [Fact]
    public async Task Listeners_are_reached_by_host_and_port_and_nothing_else_is()
    {
        var network = new InMemoryNetwork();
        await using var a = network.Listen("a");
        await using var b = network.Listen("b", 7);
        Assert.NotEqual(0, a.Port);

        await using var toB = await network.ConnectAsync("b", 7, Pairs.Token);
        await using var atB = await b.AcceptAsync(Pairs.Token);
        Assert.Equal("b:7", toB.RemoteName);
        Assert.NotNull(atB);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => network.ConnectAsync("a", 7, Pairs.Token).AsTask());
        Assert.Contains("Cannot connect to a:7: nobody listens there in this process", error.Message);
        Assert.Throws<ConnectionException>(() => network.Listen("b", 7));
    }

    [Fact]
    public async Task Whoever_was_not_accepted_is_cut_when_the_listener_goes()
    {
        var network = new InMemoryNetwork();
        var listener = network.Listen("a", 1);
        await using var client = await network.ConnectAsync("a", 1, Pairs.Token);
        var receiving = client.ReceiveAsync(Pairs.Token).AsTask();

        await listener.DisposeAsync();

        await Assert.ThrowsAsync<ConnectionException>(() => receiving);
    }

    [Fact]
    public async Task Disposing_a_listener_twice_leaves_its_successor_alone()
    {
        var network = new InMemoryNetwork();
        var first = network.Listen("a", 1);
        await first.DisposeAsync();
        await using var second = network.Listen("a", 1);

        await first.DisposeAsync();

        await using var client = await network.ConnectAsync("a", 1, Pairs.Token);
        Assert.NotNull(await second.AcceptAsync(Pairs.Token));
    }
}
