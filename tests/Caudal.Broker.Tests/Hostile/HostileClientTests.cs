using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Hostile;

public class HostileClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001")]
    public async Task Other_protocols_are_cut_and_the_broker_goes_on(string greeting)
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());

        await AssertCutAsync(broker, Encoding.Latin1.GetBytes(greeting));

        await AssertAliveAsync(broker);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(104_857_601)]
    public async Task Absurd_sizes_are_cut_without_reading_on(int size)
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        var announced = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(announced, size);

        await AssertCutAsync(broker, announced);

        await AssertAliveAsync(broker);
    }

    [Fact]
    public async Task A_frame_above_the_configured_limit_is_cut()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions
        {
            Config = new Dictionary<string, string> { ["socket.request.max.bytes"] = "2048" },
        });
        var announced = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(announced, 2049);

        await AssertCutAsync(broker, announced);

        await AssertAliveAsync(broker);
    }

    [Fact]
    public async Task Half_a_frame_and_a_farewell_harm_nobody()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        using (var socket = await ConnectAsync(broker))
            await socket.SendAsync(new byte[] { 0, 0, 1, 0, 0, 3 }, TestContext.Current.CancellationToken);

        await AssertAliveAsync(broker);
    }

    [Fact]
    public async Task An_empty_frame_and_random_bytes_close_the_connection()
    {
        await using var broker = await Brokers.StartAsync();
        var random = new Random(4711);
        for (var round = 0; round < 200; round++)
        {
            await using var client = await TestClient.ConnectAsync(broker);
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            // Any key and version that exist: the body is the garbage.
            await client.PostRawAsync((short)random.Next(70), (short)random.Next(14), bytes);
            await client.ReceiveOrCloseAsync();
        }

        await AssertAliveInMemoryAsync(broker);
    }

    [Fact]
    public async Task Bit_flipped_requests_are_answered_or_cut_and_the_broker_goes_on()
    {
        await using var broker = await Brokers.StartAsync();
        await using var setup = await TestClient.ConnectAsync(broker);
        await setup.CreateTopicAsync("t");
        var random = new Random(42);
        var batch = Batches.Of("a", "b");
        for (var round = 0; round < 200; round++)
        {
            await using var client = await TestClient.ConnectAsync(broker);
            var flipped = (byte[])batch.Clone();
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
            var answer = await client.ProduceAsync("t", flipped);
            // A flip of what the broker itself sets (base offset, leader epoch) harms nothing; all others are noticed.
            ErrorCode[] expected =
            [
                ErrorCode.None, ErrorCode.CorruptMessage, ErrorCode.InvalidRecord, ErrorCode.InvalidTxnState,
                ErrorCode.UnsupportedForMessageFormat, ErrorCode.TransactionalIdAuthorizationFailed,
            ];
            Assert.Contains((ErrorCode)answer.ErrorCode, expected);
        }

        Assert.All(Batches.Read((await setup.FetchAsync("t", 0)).Records), record => Assert.Contains(record.Value, new[] { "a", "b" }));
    }

    [Theory]
    [InlineData((short)ApiKey.Produce, 2)]
    [InlineData((short)ApiKey.Produce, 14)]
    [InlineData((short)ApiKey.Fetch, 3)]
    [InlineData((short)ApiKey.Metadata, 14)]
    [InlineData((short)ApiKey.Metadata, -1)]
    [InlineData(4, 0)]
    [InlineData(99, 0)]
    [InlineData(-1, 0)]
    [InlineData(32767, 0)]
    public async Task What_is_not_served_closes_the_connection(short key, short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        await client.PostRawAsync(key, version, [0, 0, 0, 0, 0, 0, 0, 0]);

        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task What_is_known_but_not_served_is_told_so_and_the_connection_goes_on()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var served = await client.SendAsync(new ApiVersionsRequest(), 0);
        var beat = await client.SendAsync(new ShareGroupHeartbeatRequest { GroupId = "g", MemberId = "m" });
        var described = await client.SendAsync(new StreamsGroupDescribeRequest { GroupIds = ["a", "b"] });
        var login = await client.SendAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" });

        Assert.DoesNotContain(served.ApiKeys, k => (ApiKey)k.ApiKey is ApiKey.ShareGroupHeartbeat or ApiKey.StreamsGroupDescribe);
        Assert.Equal(ErrorCode.UnsupportedVersion, (ErrorCode)beat.ErrorCode);
        Assert.Equal(["a", "b"], described.Groups.Select(g => g.GroupId));
        Assert.All(described.Groups, g => Assert.Equal(ErrorCode.UnsupportedVersion, (ErrorCode)g.ErrorCode));
        Assert.Equal(ErrorCode.IllegalSaslState, (ErrorCode)login.ErrorCode);
        Assert.Equal(0, (await client.SendAsync(new ApiVersionsRequest(), 0)).ErrorCode);
    }

    [Fact]
    public async Task Unknown_tagged_fields_are_skipped()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        // Metadata 12: header tags, then topics null, three booleans without the middle one, and one tag that nobody knows.
        byte[] body = [0, 0, 0, 0, 1, 99, 3, 1, 2, 3];

        await client.PostRawAsync((short)ApiKey.Metadata, 12, body);
        var response = await client.ReceiveAsync<MetadataResponse>(12, headerVersion: 1);

        Assert.Equal(1, response.ControllerId);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await using var client = await TestClient.ConnectBySocketAsync(broker);
        await using var writer = await TestClient.ConnectBySocketAsync(broker);
        await writer.CreateTopicAsync("t");

        await client.PostAsync(Brokers.Fetch("t", 0, maxWaitMs: 60_000), 12);
        await client.PostAsync(new DescribeClusterRequest(), 0);
        await client.PostAsync(Brokers.Produce("t", Batches.Of("second")), 12);
        await writer.ProduceAsync("t", Batches.Of("first"));
        var fetched = await client.ReceiveAsync<FetchRequest, FetchResponse>(12);
        var described = await client.ReceiveAsync<DescribeClusterRequest, DescribeClusterResponse>(0);
        var produced = await client.ReceiveAsync<ProduceRequest, ProduceResponse>(12);

        Assert.Equal(["first"], Batches.Read(fetched.Responses[0].Partitions[0].Records).Select(r => r.Value));
        Assert.Equal(1, described.ControllerId);
        Assert.Equal(1, produced.Responses[0].PartitionResponses[0].BaseOffset);
    }

    [Fact]
    public async Task A_client_that_goes_while_its_fetch_waits_frees_its_connection()
    {
        await using var broker = await Brokers.StartAsync(
            new EmbeddedBrokerOptions { Config = new Dictionary<string, string> { ["max.connections"] = "2" } });
        await using var other = await TestClient.ConnectBySocketAsync(broker);
        await other.CreateTopicAsync("t");
        await using (var gone = await TestClient.ConnectBySocketAsync(broker))
            await gone.PostAsync(Brokers.Fetch("t", 0, maxWaitMs: 600_000), 12);

        // The broker allows two connections: a third one works only once the waiting fetch has noticed.
        while (!await TryAsync())
            await other.DescribeAsync("t");

        async Task<bool> TryAsync()
        {
            try
            {
                await using var client = await TestClient.ConnectBySocketAsync(broker);
                await client.PostAsync(new DescribeClusterRequest(), 0);
                return !await client.IsClosedAsync();
            }
            catch (Caudal.Transport.ConnectionException)
            {
                return false;
            }
        }
    }

    private static async Task<Socket> ConnectAsync(EmbeddedBroker broker)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(broker.Host, broker.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task AssertCutAsync(EmbeddedBroker broker, byte[] bytes)
    {
        using var socket = await ConnectAsync(broker);
        await socket.SendAsync(bytes, TestContext.Current.CancellationToken);
        try
        {
            var read = await socket.ReceiveAsync(
                new byte[16], TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TimeProvider.System);
            Assert.Equal(0, read);
        }
        catch (SocketException e)
        {
            Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        }
    }

    private static async Task AssertAliveAsync(EmbeddedBroker broker)
    {
        await using var client = await TestClient.ConnectBySocketAsync(broker);
        Assert.Equal(1, (await client.SendAsync(new DescribeClusterRequest(), 0)).ControllerId);
    }

    private static async Task AssertAliveInMemoryAsync(EmbeddedBroker broker)
    {
        await using var client = await TestClient.ConnectAsync(broker);
        Assert.Equal(1, (await client.SendAsync(new DescribeClusterRequest(), 0)).ControllerId);
    }
}
