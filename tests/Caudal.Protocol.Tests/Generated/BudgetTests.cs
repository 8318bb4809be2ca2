using System.Text.Json;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Generated;

/// <summary>
/// What the hot paths allocate, against <c>budgets.json</c>: lower a number there when the code gets better, and say why when one must
/// rise.
/// </summary>
public sealed class BudgetTests
{
    private static readonly Dictionary<string, long> Budgets =
        JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "budgets.json")))!;

    private static readonly byte[] Batch = MakeBatch(10);

    public static TheoryData<string> Names => [.. Budgets.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_allocates_more_than_its_budget(string name)
    {
        var action = Action(name);
        for (var i = 0; i < 50; i++)
            action();
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.True(least <= Budgets[name], $"{name} allocated {least} bytes, its budget is {Budgets[name]}");
    }

    private static Action Action(string name) => name switch
    {
        "decode ProduceRequest 13, 3 topics of 4 partitions" => Decode(Produce(), 13),
        "encode ProduceRequest 13, 3 topics of 4 partitions" => Encode(Produce(), 13),
        "decode ProduceResponse 13, 3 topics of 4 partitions" => Decode(Produced(), 13),
        "encode ProduceResponse 13, 3 topics of 4 partitions" => Encode(Produced(), 13),
        "decode FetchRequest 18, 3 topics of 4 partitions" => Decode(Fetch(), 18),
        "encode FetchRequest 18, 3 topics of 4 partitions" => Encode(Fetch(), 18),
        "decode FetchResponse 18, 3 topics of 4 partitions" => Decode(Fetched(), 18),
        "encode FetchResponse 18, 3 topics of 4 partitions" => Encode(Fetched(), 18),
        "decode MetadataRequest 13, 3 topics" => Decode(Metadata(), 13),
        "encode MetadataRequest 13, 3 topics" => Encode(Metadata(), 13),
        "decode MetadataResponse 13, 3 topics of 4 partitions" => Decode(Described(), 13),
        "encode MetadataResponse 13, 3 topics of 4 partitions" => Encode(Described(), 13),
        "decode HeartbeatRequest 4" => Decode(Heartbeat(), 4),
        "encode HeartbeatRequest 4" => Encode(Heartbeat(), 4),
        "decode HeartbeatResponse 4" => Decode(new HeartbeatResponse(), 4),
        "encode HeartbeatResponse 4" => Encode(new HeartbeatResponse(), 4),
        "walk a batch of 10,000 records" => Walk(MakeBatch(10_000)),
        _ => throw new NotSupportedException($"budgets.json names '{name}', which nothing measures."),
    };

    private static Action Encode(IKafkaMessage message, short version)
    {
        var frame = new FrameBuffer(16 * 1024);
        return () =>
        {
            frame.BeginFrame();
            var writer = new KafkaWriter(frame);
            message.Write(ref writer, version);
            writer.Flush();
            frame.EndFrame();
        };
    }

    private static Action Decode<T>(T message, short version)
        where T : IKafkaMessage<T>
    {
        var bytes = GeneratedMessage.Encode(message, version);
        return () =>
        {
            var reader = new KafkaReader(bytes);
            GC.KeepAlive(T.Read(ref reader, version));
        };
    }

    private static Action Walk(byte[] batches) => () =>
    {
        var sum = 0L;
        foreach (var batch in new RecordBatchEnumerator(batches))
        {
            foreach (var record in batch.GetRecords())
                sum += record.Key.Length + record.Value.Length;
        }

        if (sum == 0)
            throw new InvalidOperationException("There were no records.");
    };

    private static byte[] MakeBatch(int records)
    {
        using var writer = new RecordBatchWriter();
        for (var number = 0; number < records; number++)
            writer.TryAppend(number, [1, 2, 3, 4], false, new byte[100], false, [], int.MaxValue);
        return writer.Finish(RecordBatchProducer.None).ToArray();
    }

    private static T[] Many<T>(int count, Func<int, T> make) => [.. Enumerable.Range(0, count).Select(make)];

    private static Uuid Id(int number) => new(number + 1, 7);

    private static ProduceRequest Produce() => new()
    {
        Acks = -1,
        TimeoutMs = 30_000,
        TopicData = Many(3, t => new ProduceRequest.TopicProduceData
        {
            TopicId = Id(t),
            PartitionData = Many(4, p => new ProduceRequest.PartitionProduceData { Index = p, Records = Batch }),
        }),
    };

    private static ProduceResponse Produced() => new()
    {
        Responses = Many(3, t => new ProduceResponse.TopicProduceResponse
        {
            TopicId = Id(t),
            PartitionResponses = Many(4, p => new ProduceResponse.PartitionProduceResponse { Index = p, BaseOffset = 42 }),
        }),
    };

    private static FetchRequest Fetch() => new()
    {
        MaxWaitMs = 500,
        MinBytes = 1,
        Topics = Many(3, t => new FetchRequest.FetchTopic
        {
            TopicId = Id(t),
            Partitions = Many(4, p => new FetchRequest.FetchPartition { Partition = p, FetchOffset = 42, PartitionMaxBytes = 1 << 20 }),
        }),
    };

    private static FetchResponse Fetched() => new()
    {
        Responses = Many(3, t => new FetchResponse.FetchableTopicResponse
        {
            TopicId = Id(t),
            Partitions = Many(4, p => new FetchResponse.PartitionData { PartitionIndex = p, HighWatermark = 42, Records = Batch }),
        }),
    };

    private static MetadataRequest Metadata() => new()
    {
        Topics = Many(3, t => new MetadataRequest.MetadataRequestTopic { Name = $"topic-{t}" }),
    };

    private static MetadataResponse Described() => new()
    {
        ClusterId = "cluster",
        Brokers = Many(3, b => new MetadataResponse.MetadataResponseBroker { NodeId = b, Host = "127.0.0.1", Port = 9092 }),
        Topics = Many(3, t => new MetadataResponse.MetadataResponseTopic
        {
            Name = $"topic-{t}",
            TopicId = Id(t),
            Partitions = Many(4, p => new MetadataResponse.MetadataResponsePartition
            {
                PartitionIndex = p,
                ReplicaNodes = [0, 1, 2],
                IsrNodes = [0, 1, 2],
            }),
        }),
    };

    private static HeartbeatRequest Heartbeat() => new() { GroupId = "group", GenerationId = 7, MemberId = "member-1" };
}
