using System.Buffers.Binary;
using System.Globalization;
using Caudal.Protocol.Messages;

namespace Caudal.Bench;

/// <summary>Thousands of clients that are idle, never read or never finish: what the broker's process holds meanwhile.</summary>
internal static class HostileCrowd
{
    // What the broker may hold, over what it holds at rest, whatever the crowd does: see UnsentResponses and FrameMemory in docs.
    private const long IdleBound = 20_000;

    public static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        var scale = settings.Quick ? 10 : 1;
        await using var broker = await Child.StartAsync(settings.Caudal, ["broker", "--port", "0", "--memory"], cancellationToken);
        var bootstrap = broker.FirstLine[(broker.FirstLine.LastIndexOf(' ') + 1)..];
        await FillAsync(bootstrap, cancellationToken);
        var describe = RawClient.Frame(new DescribeClusterRequest(), 0);
        var perIdle = await CrowdAsync(broker, bootstrap, "idle", 10_000 / scale, describe, true, cancellationToken);
        await CrowdAsync(broker, bootstrap, "never read", 5_000 / scale, Fetch(), false, cancellationToken);
        var half = new byte[4 + 60_000];
        BinaryPrimitives.WriteInt32BigEndian(half, 100_000_000);
        await CrowdAsync(broker, bootstrap, "half a frame", 5_000 / scale, half, false, cancellationToken);
        return perIdle <= IdleBound ? 0 : 1;
    }

    private static async Task<long> CrowdAsync(
        Child broker, string bootstrap, string name, int count, byte[] frame, bool reads, CancellationToken cancellationToken)
    {
        var before = broker.Resident;
        var clients = new List<RawClient>(count);
        await using var honest = new HonestClient(bootstrap);
        TimeSpan arriving;
        TimeSpan there;
        long grown;
        try
        {
            for (var i = 0; i < count; i++)
            {
                var client = await RawClient.ConnectAsync(bootstrap, cancellationToken);
                clients.Add(client);
                if (reads)
                    await client.ExchangeAsync(frame, cancellationToken);
                else
                    await client.SendAsync(frame, cancellationToken);
            }

            arriving = await honest.SlowestOfNextAsync(1);
            there = await honest.SlowestOfNextAsync(100);
            grown = broker.Resident - before;
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        var leaving = await honest.SlowestOfNextAsync(100);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count,7:N0} {name,-14}{grown / 1e6,8:N1} MB more, {grown / count,8:N0} bytes each; " +
            $"an honest client's slowest exchange took {arriving.TotalMilliseconds:N1} ms while they came, " +
            $"{there.TotalMilliseconds:N1} ms with them there, " +
            $"{leaving.TotalMilliseconds:N1} ms while they left"));
        return grown / count;
    }

    private static async Task FillAsync(string bootstrap, CancellationToken cancellationToken)
    {
        using var client = await RawClient.ConnectAsync(bootstrap, cancellationToken);
        var topic = new CreateTopicsRequest.CreatableTopic { Name = "t", NumPartitions = 1, ReplicationFactor = 1 };
        await client.ExchangeAsync(RawClient.Frame(new CreateTopicsRequest { Topics = [topic], TimeoutMs = 10_000 }, 5), cancellationToken);
        var produce = RawClient.Produce("t", 0, 1, 900_000);
        for (var i = 0; i < 20; i++)
            await client.ExchangeAsync(produce, cancellationToken);
    }

    private static byte[] Fetch()
    {
        var partition = new FetchRequest.FetchPartition { Partition = 0, FetchOffset = 0, PartitionMaxBytes = 50_000_000 };
        return RawClient.Frame(new FetchRequest { MaxBytes = 50_000_000, Topics = [new() { Topic = "t", Partitions = [partition] }] }, 12);
    }
}
