using System.Collections.Concurrent;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Client.Tests.Consuming;

/// <summary>A scripted cluster in memory: serves what tests put in, remembers what it was asked, and answers wrongly on demand.</summary>
internal sealed class ScriptedCluster : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ApiKey, Func<int, short, ReadOnlyMemory<byte>, ValueTask<IKafkaMessage?>>> _handlers = new();
    private readonly ConcurrentDictionary<ApiKey, short> _maxVersions = new();
    private readonly List<IConnectionListener> _listeners = [];
    private readonly ConcurrentBag<Task> _tasks = [];
    private readonly ConcurrentDictionary<IFrameConnection, int> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private int _accepted;

    public ScriptedCluster(int nodes = 1)
    {
        for (var node = 0; node < nodes; node++)
            Start(node);
        On<ApiVersionsRequest, ApiVersionsResponse>((_, _, _) => ApiVersions());
        Log = new ScriptedLog(this);
        Group = new ScriptedGroup(this);
    }

    public InMemoryNetwork Network { get; } = new();

    public ScriptedLog Log { get; }

    public ScriptedGroup Group { get; }

    /// <summary>Every request that arrived: API, version, node.</summary>
    public ConcurrentQueue<(ApiKey Key, short Version, int Node)> Requests { get; } = new();

    /// <summary>How many connections were made so far.</summary>
    public int Accepted => _accepted;

    public int NodeCount => _listeners.Count;

    public string Bootstrap => $"node0:{_listeners[0].Port}";

    public CancellationToken Stopped => _stop.Token;

    public KafkaClientOptions ClientOptions => new()
    {
        BootstrapServers = Bootstrap,
        Connector = Network,
        RetryBackoff = TimeSpan.FromMilliseconds(2),
        RetryBackoffMax = TimeSpan.FromMilliseconds(10),
        ReconnectBackoff = TimeSpan.FromMilliseconds(2),
        ReconnectBackoffMax = TimeSpan.FromMilliseconds(10),
    };

    public (string Host, int Port) Address(int node) => (_listeners[node].Host, _listeners[node].Port);

    /// <summary>Poses as an older broker.</summary>
    public void Limit(ApiKey key, short maxVersion) => _maxVersions[key] = maxVersion;

    public void On<TRequest, TResponse>(Func<int, short, TRequest, TResponse?> handle)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : class, IKafkaMessage<TResponse> =>
        OnAsync<TRequest, TResponse>((node, version, request) => ValueTask.FromResult(handle(node, version, request)));

    /// <summary>Answers an API; null cuts the connection instead.</summary>
    public void OnAsync<TRequest, TResponse>(Func<int, short, TRequest, ValueTask<TResponse?>> handle)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : class, IKafkaMessage<TResponse> =>
        _handlers[TRequest.ApiKey] = async (node, version, body) =>
        {
            var reader = new KafkaReader(body);
            return await handle(node, version, TRequest.Read(ref reader, version));
        };

    /// <summary>Answers the next request of an API in another way than usual: return null for the usual answer.</summary>
    public void Once<TRequest, TResponse>(Func<int, short, TRequest, TResponse?> handle)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : class, IKafkaMessage<TResponse>
    {
        var usual = _handlers[TRequest.ApiKey];
        _handlers[TRequest.ApiKey] = (node, version, body) =>
        {
            var reader = new KafkaReader(body);
            var answer = handle(node, version, TRequest.Read(ref reader, version));
            if (answer is null)
                return usual(node, version, body);
            _handlers[TRequest.ApiKey] = usual;
            return ValueTask.FromResult<IKafkaMessage?>(answer);
        };
    }

    public void CutConnections()
    {
        foreach (var connection in _connections.Keys)
            connection.Abort();
    }

    public int Count(ApiKey key) => Requests.Count(r => r.Key == key);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var listener in _listeners)
            await listener.DisposeAsync();
        CutConnections();
        await Task.WhenAll(_tasks);
        _stop.Dispose();
    }

    private void Start(int node)
    {
        var listener = Network.Listen($"node{node}");
        _listeners.Add(listener);
        _tasks.Add(Task.Run(async () =>
        {
            while (await listener.AcceptAsync(CancellationToken.None) is { } connection)
            {
                Interlocked.Increment(ref _accepted);
                _connections[connection] = node;
                _tasks.Add(Task.Run(() => ServeAsync(node, connection)));
            }
        }));
    }

    private async Task ServeAsync(int node, IFrameConnection connection)
    {
        using var output = new FrameBuffer();
        try
        {
            while (await connection.ReceiveAsync(CancellationToken.None) is { } frame)
            {
                using (frame)
                {
                    if (await AnswerAsync(node, frame, output))
                        await connection.SendAsync(output, CancellationToken.None);
                    else
                        connection.Abort();
                }
            }
        }
        catch (Exception e) when (e is ConnectionException or OperationCanceledException)
        {
            // The client went away, or the test is over.
        }
        finally
        {
            connection.Abort();
            _connections.TryRemove(connection, out _);
        }
    }

    private async ValueTask<bool> AnswerAsync(int node, ReceivedFrame frame, FrameBuffer output)
    {
        var (header, version, body) = ReadHeader(frame.Memory);
        Requests.Enqueue(((ApiKey)header.RequestApiKey, version, node));
        var key = (ApiKey)header.RequestApiKey;
        if (!_handlers.TryGetValue(key, out var handler) || await handler(node, version, body) is not { } response)
            return false;
        Write(output, header.CorrelationId, key, version, response);
        return true;
    }

    private static (RequestHeader Header, short Version, ReadOnlyMemory<byte> Body) ReadHeader(ReadOnlyMemory<byte> frame)
    {
        var peek = new KafkaReader(frame);
        var key = (ApiKey)peek.ReadInt16("key");
        var version = peek.ReadInt16("version");
        var reader = new KafkaReader(frame);
        var header = RequestHeader.Read(ref reader, KafkaApis.RequestHeaderVersion(key, version));
        return (header, version, frame[reader.Position..]);
    }

    private static void Write(FrameBuffer output, int correlationId, ApiKey key, short version, IKafkaMessage response)
    {
        output.BeginFrame();
        var writer = new KafkaWriter(output);
        new ResponseHeader { CorrelationId = correlationId }.Write(ref writer, KafkaApis.ResponseHeaderVersion(key, version));
        response.Write(ref writer, version);
        writer.Flush();
        output.EndFrame();
    }

    private ApiVersionsResponse ApiVersions() => new()
    {
        ApiKeys = [.. KafkaApis.All.ToArray().Where(a => _handlers.ContainsKey(a.Key)).Select(a => new ApiVersionsResponse.ApiVersion
        {
            ApiKey = (short)a.Key,
            MinVersion = a.Min,
            MaxVersion = Math.Min(a.Max, _maxVersions.GetValueOrDefault(a.Key, short.MaxValue)),
        })],
    };
}
