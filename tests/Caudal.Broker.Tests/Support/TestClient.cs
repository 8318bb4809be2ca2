using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Broker.Tests.Support;

/// <summary>Speaks Kafka's protocol message by message: any request, in any version, whole or in pieces.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    // Nothing hangs: an answer that does not come fails the test that waits for it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly IFrameConnection _connection;
    private readonly FrameBuffer _frame = new();
    private int _correlationId;

    private TestClient(IFrameConnection connection) => _connection = connection;

    public string ClientId { get; init; } = "test";

    public static async Task<TestClient> ConnectAsync(EmbeddedBroker broker, string clientId = "test") =>
        new(await broker.Connector.ConnectAsync(broker.Host, broker.Port, TestContext.Current.CancellationToken)) { ClientId = clientId };

    /// <summary>Connects to one node of several.</summary>
    public static async Task<TestClient> ConnectAsync(EmbeddedBroker broker, BrokerNode node) =>
        new(await broker.Connector.ConnectAsync(node.Host, node.Port, TestContext.Current.CancellationToken));

    public static Task<TestClient> ConnectBySocketAsync(EmbeddedBroker broker) => ConnectBySocketAsync(broker.Host, broker.Port);

    public static async Task<TestClient> ConnectBySocketAsync(string host, int port) =>
        new(await new SocketConnector().ConnectAsync(host, port, TestContext.Current.CancellationToken));

    public async Task<TResponse> SendAsync<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request, short? version = null)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        var at = version ?? TRequest.MaxVersion;
        await PostAsync(request, at);
        return await ReceiveAsync<TRequest, TResponse>(at);
    }

    /// <summary>Sends a request without waiting for its answer.</summary>
    public async Task PostAsync<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request, short? version = null)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        var at = version ?? TRequest.MaxVersion;
        _frame.BeginFrame();
        var writer = new KafkaWriter(_frame);
        WriteHeader(ref writer, (short)TRequest.ApiKey, at, KafkaApis.RequestHeaderVersion(TRequest.ApiKey, at));
        request.Write(ref writer, at);
        writer.Flush();
        _frame.EndFrame();
        await _connection.SendAsync(_frame, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TimeProvider.System);
    }

    /// <summary>Sends any bytes behind a header of version 1.</summary>
    public async Task PostRawAsync(short key, short version, byte[] body)
    {
        _frame.BeginFrame();
        var writer = new KafkaWriter(_frame);
        WriteHeader(ref writer, key, version, 1);
        writer.WriteRaw(body);
        writer.Flush();
        _frame.EndFrame();
        await _connection.SendAsync(_frame, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TimeProvider.System);
    }

    /// <summary>Receives the answer to the request that was posted last, or to an earlier one if none was received since.</summary>
    public async Task<TResponse> ReceiveAsync<TRequest, TResponse>(short version)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse> =>
        Read<TResponse>(await ReceiveFrameAsync(), version, KafkaApis.ResponseHeaderVersion(TRequest.ApiKey, version));

    /// <summary>Receives an answer in a version other than the request's.</summary>
    public async Task<TResponse> ReceiveAsync<TResponse>(short version, short headerVersion)
        where TResponse : IKafkaMessage<TResponse> => Read<TResponse>(await ReceiveFrameAsync(), version, headerVersion);

    /// <summary>Whether the broker closes the connection instead of answering.</summary>
    public async Task<bool> IsClosedAsync()
    {
        try
        {
            using var frame = await _connection.ReceiveAsync(
                TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TimeProvider.System);
            return frame is null;
        }
        catch (ConnectionException)
        {
            return true;
        }
    }

    /// <summary>Waits until the broker answers or closes, whichever it chooses.</summary>
    public async Task ReceiveOrCloseAsync()
    {
        try
        {
            using var frame = await _connection.ReceiveAsync(
                TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TimeProvider.System);
        }
        catch (ConnectionException)
        {
            // Closed.
        }
    }

    public void Abort() => _connection.Abort();

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _frame.Dispose();
    }

    private async Task<byte[]> ReceiveFrameAsync()
    {
        using var frame = await _connection.ReceiveAsync(
            TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TimeProvider.System);
        Assert.NotNull(frame);
        return frame.Memory.ToArray();
    }

    private static TResponse Read<TResponse>(byte[] frame, short version, short headerVersion)
        where TResponse : IKafkaMessage<TResponse>
    {
        var reader = new KafkaReader(frame);
        ResponseHeader.Read(ref reader, headerVersion);
        var response = TResponse.Read(ref reader, version);
        Assert.Equal(0, reader.Remaining);
        return response;
    }

    private void WriteHeader(ref KafkaWriter writer, short key, short version, short headerVersion) => new RequestHeader
    {
        RequestApiKey = key,
        RequestApiVersion = version,
        CorrelationId = ++_correlationId,
        ClientId = ClientId,
    }.Write(ref writer, headerVersion);
}
