namespace Caudal.Transport.Tests;

/// <summary>What every kind of connection promises.</summary>
public sealed class FrameConnectionTests
{
    public static TheoryData<bool, int> Sizes
    {
        get
        {
            var data = new TheoryData<bool, int>();
            foreach (var size in new[] { 0, 1, 3, 4, 5, (32 * 1024) - 5, (32 * 1024) - 4, (32 * 1024) - 3, 32 * 1024, 100_000, 5_000_000 })
            {
                data.Add(false, size);
                data.Add(true, size);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Frames_of_any_size_arrive_as_they_were_sent(bool sockets, int size)
    {
        var (client, server) = await Pairs.ConnectAsync(sockets);
        await using var first = client;
        await using var second = server;
        var body = Pairs.Bytes(size);
        using var frame = Pairs.Frame(body);

        var sending = client.SendAsync(frame, Pairs.Token).AsTask();
        Assert.Equal(body, await Pairs.ReceiveAsync(server));
        await sending;
        var answering = server.SendAsync(frame, Pairs.Token).AsTask();
        Assert.Equal(body, await Pairs.ReceiveAsync(client));
        await answering;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Linked_batches_arrive_in_their_place(bool sockets)
    {
        var (client, server) = await Pairs.ConnectAsync(sockets);
        await using var first = client;
        await using var second = server;
        var body = Pairs.Bytes(3_000_000);
        using var frame = Pairs.Frame(body, 10, 2_900_000);

        var sending = client.SendAsync(frame, Pairs.Token).AsTask();
        var received = await Pairs.ReceiveAsync(server);
        await sending;

        Assert.Equal(frame.ToArray()[4..], received);
        Assert.Equal(body[10..2_900_010], received[14..2_900_014]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_frames_of_random_sizes_keep_their_order_and_both_directions_work_at_once(bool sockets)
    {
        var (client, server) = await Pairs.ConnectAsync(sockets);
        await using var first = client;
        await using var second = server;
        const int Count = 400;

        await Task.WhenAll(SendAsync(client, 1), SendAsync(server, 2), CheckAsync(server, 1), CheckAsync(client, 2));

        static byte[] Body(Random random, int i) => Pairs.Bytes(random.Next(4) == 0 ? random.Next(90_000) : random.Next(200), i);

        static async Task SendAsync(IFrameConnection connection, int seed)
        {
            var random = new Random(seed);
            for (var i = 0; i < Count; i++)
            {
                using var frame = Pairs.Frame(Body(random, i));
                await connection.SendAsync(frame, Pairs.Token);
            }
        }

        static async Task CheckAsync(IFrameConnection connection, int seed)
        {
            var random = new Random(seed);
            for (var i = 0; i < Count; i++)
                Assert.Equal(Body(random, i), await Pairs.ReceiveAsync(connection));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Closing_between_frames_ends_the_others_receiving_with_null(bool sockets)
    {
        var (client, server) = await Pairs.ConnectAsync(sockets);
        await using var second = server;
        using var frame = Pairs.Frame([1, 2, 3]);
        await client.SendAsync(frame, Pairs.Token);

        await client.DisposeAsync();
        await client.DisposeAsync();

        Assert.Equal([1, 2, 3], await Pairs.ReceiveAsync(server));
        Assert.Null(await server.ReceiveAsync(Pairs.Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Aborting_fails_what_waits_on_both_ends(bool sockets)
    {
        var (client, server) = await Pairs.ConnectAsync(sockets);
        var here = client.ReceiveAsync(Pairs.Token).AsTask();
        var there = server.ReceiveAsync(Pairs.Token).AsTask();

        client.Abort();
        client.Abort();

        await Assert.ThrowsAsync<ConnectionException>(() => here);
        await Assert.ThrowsAsync<ConnectionException>(() => there);
        using var frame = Pairs.Frame([1]);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => client.SendAsync(frame, Pairs.Token).AsTask());
        Assert.Contains(client.RemoteName, error.Message);
        Assert.True(error.IsRetriable);
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Waiting_for_a_frame_can_be_cancelled(bool sockets)
    {
        var (client, server) = await Pairs.ConnectAsync(sockets);
        await using var first = client;
        await using var second = server;
        using var impatient = new CancellationTokenSource();

        var receiving = server.ReceiveAsync(impatient.Token).AsTask();
        Assert.False(receiving.IsCompleted);
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sender_waits_when_nobody_receives(bool sockets)
    {
        var (client, server) = await Pairs.ConnectAsync(sockets);
        await using var second = server;
        // More than the buffers of a kernel, or more frames than a queue, hold.
        var body = new byte[sockets ? 64 * 1024 * 1024 : 100];
        using var frame = Pairs.Frame(body, 0, body.Length);
        using var impatient = new CancellationTokenSource();

        Task sending;
        do
            sending = client.SendAsync(frame, impatient.Token).AsTask();
        while (sending.IsCompletedSuccessfully);
        Assert.False(sending.IsCompleted);
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        client.Abort();
    }
}
