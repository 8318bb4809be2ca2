using System.Buffers.Binary;
using System.Net.Sockets;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Hostile;

/// <summary>Many hostile clients at once, and one honest client that must not notice. The bench command "hostile" has thousands.</summary>
public sealed class HostileCrowdTests
{
    private const int Crowd = 100;

    [Fact]
    public async Task Connections_that_never_read_keep_nobody_waiting()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await using var honest = await TestClient.ConnectBySocketAsync(broker);
        await honest.CreateTopicAsync("t");
        await honest.ProduceAsync("t", Batches.OfSize(500_000));
        var crowd = new List<TestClient>();
        for (var i = 0; i < Crowd; i++)
        {
            var client = await TestClient.ConnectBySocketAsync(broker);
            crowd.Add(client);
            for (var request = 0; request < 4; request++)
                await client.PostAsync(Brokers.Fetch("t", 0), 12);
        }

        Assert.Equal(1, (await honest.ProduceAsync("t", Batches.Of("still here"))).BaseOffset);
        Assert.Equal(500_000, Batches.Read((await honest.FetchAsync("t", 0)).Records)[0].Value.Length);
        foreach (var client in crowd)
            await client.DisposeAsync();
        Assert.Equal(2, (await honest.ProduceAsync("t", Batches.Of("and here"))).BaseOffset);
    }

    [Fact]
    public async Task Announced_gigabytes_take_no_memory()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await using var honest = await TestClient.ConnectBySocketAsync(broker);
        await honest.CreateTopicAsync("t");
        var before = GC.GetTotalAllocatedBytes();
        var crowd = await ConnectManyAsync(broker, Crowd);
        var announced = new byte[4 + 1000];
        BinaryPrimitives.WriteInt32BigEndian(announced, 100 * 1024 * 1024);

        foreach (var socket in crowd)
            await socket.SendAsync(announced, TestContext.Current.CancellationToken);
        for (var i = 0; i < 100; i++)
            await honest.ProduceAsync("t", Batches.Of("still here"));

        // Ten gigabytes are announced; other tests allocate beside this one, so the bound is generous.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 2_000_000_000);
        Assert.Equal(100, (await honest.ProduceAsync("t", Batches.Of("here"))).BaseOffset);
        foreach (var socket in crowd)
            socket.Dispose();
    }

    [Fact]
    public async Task A_megabyte_of_nothing_closes_its_connection_only()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await using var honest = await TestClient.ConnectBySocketAsync(broker);
        await honest.CreateTopicAsync("t");
        var nothing = new byte[1_000_000];
        foreach (var socket in await ConnectManyAsync(broker, 10))
        {
            using (socket)
            {
                try
                {
                    await socket.SendAsync(nothing, TestContext.Current.CancellationToken);
                    Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
                }
                catch (SocketException e)
                {
                    SocketError[] closed = [SocketError.ConnectionReset, SocketError.Shutdown, SocketError.ConnectionAborted];
                    Assert.Contains(e.SocketErrorCode, closed);
                }
            }
        }

        Assert.Equal(0, (await honest.ProduceAsync("t", Batches.Of("still here"))).BaseOffset);
    }

    [Fact]
    public async Task Absurd_counts_in_any_request_are_refused_or_answered_with_an_error()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false });
        await using var honest = await TestClient.ConnectAsync(broker);
        var served = (await honest.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "t", ClientSoftwareVersion = "1" })).ApiKeys;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        foreach (var api in served)
        {
            for (var version = api.MinVersion; version <= api.MaxVersion; version++)
            {
                foreach (var body in Absurd())
                {
                    await using var client = await TestClient.ConnectAsync(broker);
                    await client.PostRawAsync(api.ApiKey, version, body);
                    // A produce with acks 0 is not answered: the request behind it is.
                    await PostVersionsAsync(client);
                    await client.ReceiveOrCloseAsync();
                }
            }
        }

        Assert.True(served.Length > 20);
        Assert.Equal(1, (await honest.SendAsync(new DescribeClusterRequest(), 0)).ControllerId);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 500_000_000);
    }

    [Fact]
    public async Task More_connections_from_one_address_than_allowed_are_closed()
    {
        await using var broker = await Brokers.StartAsync(
            new EmbeddedBrokerOptions { Config = new Dictionary<string, string> { ["max.connections.per.ip"] = "2" } });
        await using var first = await TestClient.ConnectBySocketAsync(broker);
        await using var second = await TestClient.ConnectBySocketAsync(broker);
        Assert.Equal(1, (await first.SendAsync(new DescribeClusterRequest(), 0)).ControllerId);
        Assert.Equal(1, (await second.SendAsync(new DescribeClusterRequest(), 0)).ControllerId);

        await using (var third = await TestClient.ConnectBySocketAsync(broker))
            Assert.True(await third.IsClosedAsync());

        // A place that became free can be taken again, once the broker has noticed.
        await second.DisposeAsync();
        while (true)
        {
            await using var next = await TestClient.ConnectBySocketAsync(broker);
            try
            {
                await next.PostAsync(new DescribeClusterRequest(), 0);
                if (!await next.IsClosedAsync())
                    break;
            }
            catch (Caudal.Transport.ConnectionException)
            {
                // Still two.
            }
        }
    }

    private static async Task PostVersionsAsync(TestClient client)
    {
        try
        {
            await client.PostRawAsync((short)ApiKey.ApiVersions, 0, []);
        }
        catch (Caudal.Transport.ConnectionException)
        {
            // The request before it closed the connection.
        }
    }

    // Counts and lengths that are as large as they can be, in the old and in the compact encoding, at the beginning and further in.
    private static IEnumerable<byte[]> Absurd()
    {
        byte[][] counts = [[0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0, 0, 0], [0, 0xff, 0xff, 0xff]];
        foreach (var count in counts)
        {
            foreach (var offset in new[] { 0, 1, 4, 6, 12 })
                yield return [.. new byte[offset], .. count, .. new byte[40]];
        }
    }

    private static async Task<Socket[]> ConnectManyAsync(EmbeddedBroker broker, int count)
    {
        var sockets = new Socket[count];
        for (var i = 0; i < count; i++)
        {
            sockets[i] = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await sockets[i].ConnectAsync(broker.Host, broker.Port, TestContext.Current.CancellationToken);
        }

        return sockets;
    }
}
