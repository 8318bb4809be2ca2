using System.Threading.Channels;
using Caudal.Broker.Handlers;
using Caudal.Broker.Metrics;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Storage;
using Caudal.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caudal.Broker.Tests.Network;

public sealed class PipeliningTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_producer_sends_is_taken_up_while_the_last_answers_wait_for_the_disk_and_answered_in_order()
    {
        await using var served = await Served.StartAsync();
        for (var i = 0; i < 3; i++)
            await served.PostAsync(ApiKey.Produce);
        TaskCompletionSource[] gates = [await served.Producing(), await served.Producing(), await served.Producing()];

        gates[2].SetResult();
        gates[1].SetResult();
        var answer = served.ReceiveAsync();
        Assert.False(answer.IsCompleted);
        gates[0].SetResult();

        Assert.Equal([0, 1, 2], [await answer, await served.ReceiveAsync(), await served.ReceiveAsync()]);
    }

    [Fact]
    public async Task So_many_wait_and_no_more()
    {
        await using var served = await Served.StartAsync();
        var posting = Task.Run(
            async () =>
            {
                for (var i = 0; i <= LateAnswers.Max; i++)
                    await served.PostAsync(ApiKey.Produce);
            },
            Ct);
        var gates = new List<TaskCompletionSource>();
        for (var i = 0; i < LateAnswers.Max; i++)
            gates.Add(await served.Producing());
        await posting;

        var next = served.Producing();
        Assert.False(next.IsCompleted);
        gates[0].SetResult();
        Assert.Equal(0, await served.ReceiveAsync());
        gates.Add(await next);
        gates.Skip(1).ToList().ForEach(gate => gate.SetResult());
        for (var i = 1; i <= LateAnswers.Max; i++)
            Assert.Equal(i, await served.ReceiveAsync());
    }

    [Fact]
    public async Task Another_request_waits_for_the_answers_before_it()
    {
        await using var served = await Served.StartAsync();
        await served.PostAsync(ApiKey.Produce);
        var gate = await served.Producing();
        await served.PostAsync(ApiKey.Heartbeat);

        Assert.Equal(0, served.Heartbeats);
        gate.SetResult();
        Assert.Equal([0, 1], [await served.ReceiveAsync(), await served.ReceiveAsync()]);
        Assert.Equal(1, served.Heartbeats);
    }

    [Fact]
    public async Task A_request_that_does_more_than_wait_for_the_disk_keeps_the_next_one_waiting()
    {
        await using var served = await Served.StartAsync(awaitsDisk: false);
        await served.PostAsync(ApiKey.Produce);
        var gate = await served.Producing();
        await served.PostAsync(ApiKey.Produce);

        var next = served.Producing();
        Assert.False(next.IsCompleted);
        gate.SetResult();
        (await next).SetResult();
        Assert.Equal([0, 1], [await served.ReceiveAsync(), await served.ReceiveAsync()]);
    }

    [Fact]
    public async Task A_failure_ends_the_connection_after_the_answers_before_it()
    {
        await using var served = await Served.StartAsync();
        for (var i = 0; i < 3; i++)
            await served.PostAsync(ApiKey.Produce);
        TaskCompletionSource[] gates = [await served.Producing(), await served.Producing(), await served.Producing()];
        gates[1].SetException(new ProtocolException("nonsense"));
        gates[2].SetResult();
        gates[0].SetResult();

        Assert.Equal(0, await served.ReceiveAsync());
        Assert.Null(await served.ReceiveAsync());
        await served.Ended;
    }

    [Fact]
    public async Task A_client_that_goes_leaves_nothing_behind()
    {
        await using var served = await Served.StartAsync();
        await served.PostAsync(ApiKey.Produce);
        var gate = await served.Producing();
        await served.LeaveAsync();
        // The request's memory belongs to the append until the disk has it.
        Assert.False(served.Ended.IsCompleted);
        gate.SetResult();
        await served.Ended;
    }

    [Fact]
    public async Task With_a_disk_to_wait_for_pipelined_batches_keep_their_order()
    {
        using var directory = new TemporaryDirectory();
        await using var broker = await Brokers.StartAsync(
            new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path, Durability = Durability.Group });
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        const int count = 12;
        for (var i = 0; i < count; i++)
        {
            await client.PostAsync(
                new ProduceRequest
                {
                    Acks = -1,
                    TopicData = [new() { Name = "t", PartitionData = [new() { Index = 0, Records = Batches.Of($"v{i}") }] }],
                },
                9);
        }

        for (var i = 0; i < count; i++)
        {
            var answer = (await client.ReceiveAsync<ProduceRequest, ProduceResponse>(9)).Responses[0].PartitionResponses[0];
            Assert.Equal((ErrorCode.None, (long)i), ((ErrorCode)answer.ErrorCode, answer.BaseOffset));
        }

        Assert.Equal(
            Enumerable.Range(0, count).Select(i => ((long)i, $"v{i}")), Batches.Read((await client.FetchAsync("t", 0)).Records));
    }

    /// <summary>A connection whose produce requests end when the test says so.</summary>
    private sealed class Served : IAsyncDisposable
    {
        private readonly BrokerMeter _meter = new(new BrokerIdentity(1, "cluster"), TimeProvider.System);
        private readonly CancellationTokenSource _stopping = new();
        private readonly HeartbeatHandler _heartbeats = new();
        private readonly ProduceHandler _producing;
        private readonly BrokerConnection _connection;
        private readonly IFrameConnection _client;
        private int _posted;

        private Served(IFrameConnection client, IFrameConnection server, bool awaitsDisk)
        {
            _client = client;
            _producing = new ProduceHandler(awaitsDisk);
            _connection = new BrokerConnection(
                server,
                new ClusterNode(1, null),
                new RequestDispatcher([_producing, _heartbeats], new BrokerFaults(TimeProvider.System, _ => null)),
                _meter,
                new UnsentResponses(1 << 20, NullLogger.Instance),
                TimeProvider.System,
                NullLogger.Instance,
                _stopping.Token);
            Ended = _connection.RunAsync();
        }

        public Task Ended { get; }

        public int Heartbeats => _heartbeats.Count;

        public static async Task<Served> StartAsync(bool awaitsDisk = true)
        {
            var network = new InMemoryNetwork();
            var listener = network.Listen("localhost", 0);
            var accepting = listener.AcceptAsync(Ct);
            var client = await network.ConnectAsync("localhost", listener.Port, Ct);
            return new Served(client, (await accepting)!, awaitsDisk);
        }

        public Task<TaskCompletionSource> Producing() => _producing.Gates.Reader.ReadAsync(Ct).AsTask();

        public async Task PostAsync(ApiKey key)
        {
            using var frame = new FrameBuffer();
            frame.BeginFrame();
            var writer = new KafkaWriter(frame);
            new RequestHeader { RequestApiKey = (short)key, RequestApiVersion = 3, CorrelationId = _posted++, ClientId = "c" }
                .Write(ref writer, 1);
            writer.Flush();
            frame.EndFrame();
            await _client.SendAsync(frame, Ct);
        }

        /// <summary>The number of the request that is answered; null if the connection is closed instead.</summary>
        public async Task<int?> ReceiveAsync()
        {
            using var frame = await _client.ReceiveAsync(Ct);
            if (frame is null)
                return null;
            var reader = new KafkaReader(frame.Memory);
            return ResponseHeader.Read(ref reader, 0).CorrelationId;
        }

        public ValueTask LeaveAsync() => _client.DisposeAsync();

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await Ended;
            await _client.DisposeAsync();
            _connection.Dispose();
            _meter.Dispose();
            _stopping.Dispose();
        }
    }

    private sealed class ProduceHandler(bool awaitsDisk) : RequestHandler
    {
        public Channel<TaskCompletionSource> Gates { get; } = Channel.CreateUnbounded<TaskCompletionSource>();

        public override ApiVersionRange Served { get; } = new(ApiKey.Produce, 3, 8, 9);

        public override async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> frame, int bodyStart, Reply reply)
        {
            reply.AwaitsDisk = awaitsDisk;
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Gates.Writer.TryWrite(gate);
            await gate.Task;
            reply.Write(new ProduceResponse());
        }
    }

    private sealed class HeartbeatHandler : RequestHandler
    {
        public int Count { get; private set; }

        public override ApiVersionRange Served { get; } = new(ApiKey.Heartbeat, 3, 3, 4);

        public override ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> frame, int bodyStart, Reply reply)
        {
            Count++;
            reply.Write(new HeartbeatResponse());
            return ValueTask.CompletedTask;
        }
    }
}
