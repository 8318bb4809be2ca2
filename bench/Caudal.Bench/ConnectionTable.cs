using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Bench;

/// <summary>
/// From 1 to 1,000 connections that all produce, each with one small request under way: whether anything falls off a cliff.
/// </summary>
internal static class ConnectionTable
{
    private const int Partitions = 16;
    private const int RecordsInBatch = 10;

    /// <summary>Measures one broker, and notes its figures on its side of the table.</summary>
    public static async Task RunAsync(
        Table table, bool isOurs, Child broker, string bootstrap, int requests, int[] counts,
        CancellationToken cancellationToken)
    {
        await CreateTopicAsync(bootstrap, cancellationToken);
        var frames = Enumerable.Range(0, Partitions).Select(i => RawClient.Produce("connections", i, RecordsInBatch, 100)).ToArray();
        // The broker's code gets warm before anything is counted.
        await MeasureAsync(bootstrap, frames, 10, requests / 2, cancellationToken);
        foreach (var count in counts)
        {
            var before = broker.Cpu;
            var (rate, p99) = await MeasureAsync(bootstrap, frames, count, requests, cancellationToken);
            table.Add($"{count} connections, requests/s", isOurs, rate);
            table.Add($"{count} connections, p99 ms", isOurs, p99);
            table.Add($"{count} connections, broker CPU us a request", isOurs, (broker.Cpu - before).TotalMicroseconds / requests);
        }

        table.Add("resident memory MB", isOurs, broker.Resident / 1e6);
    }

    private static async Task<(double Rate, double P99)> MeasureAsync(
        string bootstrap, byte[][] frames, int count, int requests, CancellationToken cancellationToken)
    {
        var clients = new List<RawClient>(count);
        try
        {
            for (var i = 0; i < count; i++)
                clients.Add(await RawClient.ConnectAsync(bootstrap, cancellationToken));
            var latencies = new double[requests];
            var next = -1;
            var since = TimeProvider.System.GetTimestamp();
            await Task.WhenAll(clients.Select((client, index) => Task.Run(
                async () =>
                {
                    while (Interlocked.Increment(ref next) is var at && at < requests)
                    {
                        var begun = TimeProvider.System.GetTimestamp();
                        Check(await client.ExchangeAsync(frames[index % frames.Length], cancellationToken));
                        latencies[at] = TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds;
                    }
                },
                cancellationToken)));
            var elapsed = TimeProvider.System.GetElapsedTime(since);
            Array.Sort(latencies);
            return (requests / elapsed.TotalSeconds, latencies[(int)(requests * 0.99)]);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    // A figure of requests that failed would be a fine figure.
    private static void Check(ReadOnlyMemory<byte> answer)
    {
        var reader = new KafkaReader(answer);
        ResponseHeader.Read(ref reader, 1);
        var error = (ErrorCode)ProduceResponse.Read(ref reader, 9).Responses[0].PartitionResponses[0].ErrorCode;
        if (error != ErrorCode.None)
            throw new InvalidOperationException($"A produce request was answered with {error}.");
    }

    private static async Task CreateTopicAsync(string bootstrap, CancellationToken cancellationToken)
    {
        using var client = await RawClient.ConnectAsync(bootstrap, cancellationToken);
        var topic = new CreateTopicsRequest.CreatableTopic { Name = "connections", NumPartitions = Partitions, ReplicationFactor = 1 };
        var answer = await client.ExchangeAsync(
            RawClient.Frame(new CreateTopicsRequest { Topics = [topic], TimeoutMs = 30_000 }, 5), cancellationToken);
        var reader = new KafkaReader(answer);
        ResponseHeader.Read(ref reader, 1);
        if ((ErrorCode)CreateTopicsResponse.Read(ref reader, 5).Topics[0].ErrorCode is var error and not ErrorCode.None)
            throw new InvalidOperationException($"The topic was not created: {error}.");
        // On a cluster that has just started the leaders follow a little later than the answer.
        var produce = Enumerable.Range(0, Partitions).Select(i => RawClient.Produce("connections", i, 1, 1));
        foreach (var frame in produce)
        {
            for (var attempt = 0; !await IsAcceptedAsync(client, frame, cancellationToken); attempt++)
            {
                if (attempt == 100)
                    throw new InvalidOperationException("The topic's partitions have no leader after 100 requests.");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }
        }
    }

    private static async Task<bool> IsAcceptedAsync(RawClient client, byte[] frame, CancellationToken cancellationToken)
    {
        var reader = new KafkaReader(await client.ExchangeAsync(frame, cancellationToken));
        ResponseHeader.Read(ref reader, 1);
        return ProduceResponse.Read(ref reader, 9).Responses[0].PartitionResponses[0].ErrorCode == 0;
    }
}
