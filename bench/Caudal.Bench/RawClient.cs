using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Bench;

/// <summary>A socket that sends frames which were made before: a client that takes next to no time itself.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _response = new byte[256];

    private RawClient()
    {
    }

    public static async Task<RawClient> ConnectAsync(string bootstrap, CancellationToken cancellationToken)
    {
        var client = new RawClient();
        try
        {
            await client._socket.ConnectAsync(IPEndPoint.Parse(bootstrap), cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of a request as they go over the wire, its size first.</summary>
    public static byte[] Frame<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request, short version)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        using var frame = new FrameBuffer();
        frame.BeginFrame();
        var writer = new KafkaWriter(frame);
        var header = new RequestHeader
        {
            RequestApiKey = (short)TRequest.ApiKey,
            RequestApiVersion = version,
            CorrelationId = 1,
            ClientId = "bench",
        };
        header.Write(ref writer, KafkaApis.RequestHeaderVersion(TRequest.ApiKey, version));
        request.Write(ref writer, version);
        writer.Flush();
        frame.EndFrame();
        return frame.ToArray();
    }

    /// <summary>A produce request of version 9 with one batch, which waits for the acknowledgement of all.</summary>
    public static byte[] Produce(string topic, int partition, int records, int size)
    {
        using var batch = new RecordBatchWriter();
        for (var i = 0; i < records; i++)
            batch.TryAppend(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), [], true, new byte[size], false, [], int.MaxValue);
        var request = new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 30_000,
            TopicData =
            [
                new()
                {
                    Name = topic,
                    PartitionData = [new() { Index = partition, Records = batch.Finish(RecordBatchProducer.None).ToArray() }],
                },
            ],
        };
        return Frame(request, 9);
    }

    /// <summary>Sends bytes, whole, and waits for nothing.</summary>
    public async Task SendAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        for (var rest = bytes.AsMemory(); rest.Length > 0;)
            rest = rest[await _socket.SendAsync(rest, cancellationToken)..];
    }

    /// <summary>Sends a frame, waits for the answer and gives its bytes after the size, valid until the next exchange.</summary>
    /// <exception cref="IOException">The broker closed the connection.</exception>
    public async Task<ReadOnlyMemory<byte>> ExchangeAsync(byte[] frame, CancellationToken cancellationToken)
    {
        await SendAsync(frame, cancellationToken);
        await ReadAsync(_response.AsMemory(0, 4), cancellationToken);
        var size = BinaryPrimitives.ReadInt32BigEndian(_response);
        if (_response.Length < size)
            _response = new byte[size];
        await ReadAsync(_response.AsMemory(0, size), cancellationToken);
        return _response.AsMemory(0, size);
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReadAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        while (target.Length > 0)
        {
            var read = await _socket.ReceiveAsync(target, cancellationToken);
            if (read == 0)
                throw new IOException("The broker closed the connection.");
            target = target[read..];
        }
    }
}
