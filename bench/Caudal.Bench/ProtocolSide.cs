using System.Globalization;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Bench;

/// <summary>Our side of the protocol's figures: one line a work, its name and its ns. java/ProtocolSide.java is the other.</summary>
internal static class ProtocolSide
{
    private const int Records = 1000;

    // Somebody must look at the results, or the compiler may leave the work out.
    private static long _sink;
    private static bool _isPrinted;

    public static void Run(Settings settings)
    {
        // Once for the compiler, which works beside us and takes its time on a busy machine; the second pass counts.
        Pass(TimeSpan.FromSeconds(1), isPrinted: false);
        Pass(TimeSpan.FromMilliseconds(settings.Quick ? 200 : 1000), isPrinted: true);
    }

    private static void Pass(TimeSpan span, bool isPrinted)
    {
        _isPrinted = isPrinted;
        Messages("ProduceRequest 9", Produce(), 9, span);
        Messages("FetchResponse 12", Fetched(), 12, span);
        Messages("MetadataResponse 12", Described(), 12, span);
        Messages("OffsetCommitRequest 8", Commit(), 8, span);
        Messages("HeartbeatRequest 4", new HeartbeatRequest { GroupId = "group", GenerationId = 7, MemberId = "member-1" }, 4, span);
        var value = new byte[100];
        using var writer = new RecordBatchWriter();
        Measure("write records", span, Records, () =>
        {
            writer.Reset();
            for (var i = 0; i < Records; i++)
                writer.TryAppend(1_700_000_000_000 + i, [1, 2, 3, 4], false, value, false, [], int.MaxValue);
            _sink += writer.Finish(RecordBatchProducer.None).Length;
        });
        var batch = writer.Finish(RecordBatchProducer.None).ToArray();
        Measure("read records", span, Records, () =>
        {
            foreach (var view in new RecordBatchEnumerator(batch))
            {
                if (!view.HasValidCrc)
                    throw new InvalidDataException("The checksum is wrong.");
                foreach (var record in view.GetRecords())
                    _sink += record.Offset + record.Key.Length + record.Value.Length;
            }
        });
    }

    private static void Messages<T>(string name, T message, short version, TimeSpan span)
        where T : IKafkaMessage<T>
    {
        var frame = new FrameBuffer(64 * 1024);
        Measure($"encode {name}", span, 1, () =>
        {
            frame.BeginFrame();
            var writer = new KafkaWriter(frame);
            message.Write(ref writer, version);
            writer.Flush();
            frame.EndFrame();
            _sink += frame.Length;
        });
        var bytes = frame.ToArray().AsMemory(4);
        Measure($"decode {name}", span, 1, () =>
        {
            var reader = new KafkaReader(bytes);
            _sink += T.Read(ref reader, version) is null ? 0 : reader.Position;
        });
    }

    // The processor's time of the whole process, collector and compiler included: on a busy machine nothing else says what work takes.
    private static void Measure(string name, TimeSpan span, int divisor, Action action)
    {
        // Three rounds are warm-up, the median of five counts: in the best one nobody would have collected garbage.
        var rounds = new List<double>();
        for (var round = 0; round < 8; round++)
        {
            var since = Environment.CpuUsage.TotalTime;
            var count = 0L;
            TimeSpan elapsed;
            var chunk = 16;
            do
            {
                for (var i = 0; i < chunk; i++)
                    action();
                count += chunk;
                chunk = Math.Min(2 * chunk, 4096);
                elapsed = Environment.CpuUsage.TotalTime - since;
            }
            while (elapsed < span / 5);
            if (round >= 3)
                rounds.Add(elapsed.TotalNanoseconds / count / divisor);
        }

        rounds.Sort();
        if (_isPrinted)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{rounds[rounds.Count / 2]:F2}"));
    }

    private static T[] Many<T>(int count, Func<int, T> make) => [.. Enumerable.Range(0, count).Select(make)];

    private static ProduceRequest Produce() => new()
    {
        Acks = -1,
        TimeoutMs = 30_000,
        TopicData = Many(3, t => new ProduceRequest.TopicProduceData
        {
            Name = $"topic-{t}",
            PartitionData = Many(4, p => new ProduceRequest.PartitionProduceData { Index = p, Records = new byte[1000] }),
        }),
    };

    private static FetchResponse Fetched() => new()
    {
        Responses = Many(3, t => new FetchResponse.FetchableTopicResponse
        {
            Topic = $"topic-{t}",
            Partitions = Many(4, p => new FetchResponse.PartitionData { PartitionIndex = p, HighWatermark = 42, Records = new byte[1000] }),
        }),
    };

    private static MetadataResponse Described() => new()
    {
        ClusterId = "cluster",
        Brokers = Many(3, b => new MetadataResponse.MetadataResponseBroker { NodeId = b, Host = "127.0.0.1", Port = 9092 }),
        Topics = Many(10, t => new MetadataResponse.MetadataResponseTopic
        {
            Name = $"topic-{t}",
            TopicId = new Uuid(t + 1, 7),
            Partitions = Many(10, p => new MetadataResponse.MetadataResponsePartition
            {
                PartitionIndex = p,
                ReplicaNodes = [0, 1, 2],
                IsrNodes = [0, 1, 2],
            }),
        }),
    };

    private static OffsetCommitRequest Commit() => new()
    {
        GroupId = "group",
        MemberId = "member-1",
        Topics = Many(3, t => new OffsetCommitRequest.OffsetCommitRequestTopic
        {
            Name = $"topic-{t}",
            Partitions = Many(10, p => new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = p, CommittedOffset = 42 }),
        }),
    };
}
