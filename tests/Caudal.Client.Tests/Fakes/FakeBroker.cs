using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Client.Tests.Fakes;

/// <summary>One broker of a fake cluster: takes requests one by one from each connection, as Kafka does.</summary>
internal sealed class FakeBroker(FakeCluster cluster, int id)
{
    private readonly Lock _lock = new();
    private readonly List<IFrameConnection> _connections = [];
    private IConnectionListener? _listener;

    public int Id => id;

    public string Host => $"fake-{id}";

    public int Port { get; } = 9092;

    public bool IsUp => _listener is not null;

    /// <summary>What the cluster itself says; has its effect.</summary>
    public FakeReply Answer(FakeCall call) => cluster.Answer(call);

    public void Start()
    {
        _listener = cluster.Network.Listen(Host, Port);
        _ = AcceptAsync(_listener);
    }

    /// <summary>Refuses connections and cuts those that there are.</summary>
    public async Task StopAsync()
    {
        if (_listener is { } listener)
            await listener.DisposeAsync();
        _listener = null;
        CutConnections();
    }

    public void CutConnections()
    {
        IFrameConnection[] cut;
        lock (_lock)
        {
            cut = [.. _connections];
            _connections.Clear();
        }

        foreach (var connection in cut)
            connection.Abort();
    }

    private async Task AcceptAsync(IConnectionListener listener)
    {
        while (await listener.AcceptAsync(CancellationToken.None) is { } connection)
        {
            lock (_lock)
                _connections.Add(connection);
            _ = ServeAsync(connection, cluster.NextConnection());
        }
    }

    private async Task ServeAsync(IFrameConnection connection, int number)
    {
        var answer = new FrameBuffer();
        try
        {
            while (await connection.ReceiveAsync(CancellationToken.None) is { } frame)
            {
                var call = new FakeCall(this, frame.Memory.ToArray(), number);
                frame.Dispose();
                var reply = await cluster.HandleAsync(call);
                if (reply.Disconnects)
                {
                    connection.Abort();
                    return;
                }

                if (reply.Message is null)
                    continue;
                Write(answer, call, reply.Message);
                await connection.SendAsync(answer, CancellationToken.None);
            }
        }
        catch (ConnectionException)
        {
            // The client left, or a test cut the connection.
        }
        catch (Exception e)
        {
            // A mistake in a script: without this the test would only wait.
            cluster.Failures.Add(e);
            connection.Abort();
        }
    }

    private static void Write(FrameBuffer answer, FakeCall call, IKafkaMessage message)
    {
        answer.BeginFrame();
        var writer = new KafkaWriter(answer);
        // KIP-511: a version of ApiVersions that is too new is answered in version 0.
        var version = message is ApiVersionsResponse { ErrorCode: (short)ErrorCode.UnsupportedVersion } ? (short)0 : call.Version;
        new ResponseHeader { CorrelationId = call.CorrelationId }.Write(ref writer, KafkaApis.ResponseHeaderVersion(call.Key, version));
        message.Write(ref writer, version);
        writer.Flush();
        answer.EndFrame();
    }
}
