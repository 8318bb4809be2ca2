namespace Caudal.Transport.Tests;

public sealed class ListeningTests
{
    [Fact]
    public async Task A_port_in_use_is_told_with_the_remedy()
    {
        await using var listener = SocketListener.Listen("127.0.0.1", 0);
        var error = Assert.Throws<ConnectionException>(() => SocketListener.Listen("127.0.0.1", listener.Port));
        Assert.Contains($"Cannot listen on 127.0.0.1:{listener.Port}: the port is in use", error.Message);
    }

    [Fact]
    public void A_host_of_another_machine_is_told()
    {
        var error = Assert.Throws<ConnectionException>(() => SocketListener.Listen("192.0.2.1", 0));
        Assert.Contains("the host is not an address of this machine", error.Message);
    }

    [Fact]
    public async Task A_port_is_free_again_when_its_listener_is_disposed()
    {
        var listener = SocketListener.Listen("127.0.0.1", 0);
        await listener.DisposeAsync();
        await using var again = SocketListener.Listen("127.0.0.1", listener.Port);
        Assert.Equal(listener.Port, again.Port);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposing_ends_accepting_with_null(bool sockets)
    {
        var listener = sockets ? SocketListener.Listen("127.0.0.1", 0) : new InMemoryNetwork().Listen("a");
        var accepting = listener.AcceptAsync(Pairs.Token).AsTask();
        Assert.False(accepting.IsCompleted);
        await listener.DisposeAsync();
        Assert.Null(await accepting);
    }

    [Fact]
    public async Task Nobody_listening_is_told_with_what_was_tried()
    {
        var listener = SocketListener.Listen("127.0.0.1", 0);
        await listener.DisposeAsync();
        var error = await Assert.ThrowsAsync<ConnectionException>(
            () => new SocketConnector().ConnectAsync("127.0.0.1", listener.Port, Pairs.Token).AsTask());
        Assert.Contains($"Cannot connect to 127.0.0.1:{listener.Port} (tried 127.0.0.1)", error.Message);
    }

    [Fact]
    public async Task A_name_that_cannot_be_resolved_is_told()
    {
        var error = await Assert.ThrowsAsync<ConnectionException>(
            () => new SocketConnector().ConnectAsync("no-such-host.invalid", 9092, Pairs.Token).AsTask());
        Assert.Contains("the name no-such-host.invalid cannot be resolved", error.Message);
    }
}
