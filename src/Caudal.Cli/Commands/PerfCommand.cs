using System.CommandLine;
using Caudal.Cli.Cluster;
using Caudal.Cli.Output;
using Caudal.Cli.Perf;
using Caudal.Cli.Records;
using Caudal.Client;
using Caudal.Protocol;

namespace Caudal.Cli.Commands;

/// <summary>
/// <c>caudal perf</c>: measures a client and a broker, with the flags and the JSON line that measurements of other clients have.
/// </summary>
internal static class PerfCommand
{
    public static Command Create(Terminal terminal, ClusterOptions cluster) => new("perf", "Measures throughput, cost and latency.")
    {
        CreateProduce(terminal, cluster),
        CreateConsume(terminal, cluster),
    };

    private static Command CreateProduce(Terminal terminal, ClusterOptions cluster)
    {
        var topic = Topic();
        var records = Records();
        var size = Number("--size", "Bytes of a value.", 100, "BYTES");
        var partitions = Number("--partitions", "Partitions of the topic if it is created.", 1, "P");
        var acks = new Option<string>("--acks")
        {
            Description = "When the broker acknowledges: 0, 1 or all.",
            DefaultValueFactory = _ => "all",
        };
        acks.AcceptOnlyFromAmong("0", "1", "all", "-1");
        var idempotent = new Option<bool?>("--idempotent")
        {
            Description = "Whether repetitions are recognised. Default: true with --acks all",
            Arity = ArgumentArity.ExactlyOne,
            HelpName = "true|false",
        };
        var compression = new Option<string>("--compression") { Description = "The codec of batches.", DefaultValueFactory = _ => "none" };
        compression.AcceptCodecs();
        var linger = Number("--linger-ms", "How long a batch waits for more records.", 5, "MS");
        var batch = Number("--batch-bytes", "The largest batch.", 1_000_000, "BYTES");
        var keys = Number("--keys", "How many different keys there are; 0 for null keys.", 0, "K");
        var rate = Number("--rate", "Records a second; 0 for as fast as it can.", 0, "R");
        var payload = new Option<string>("--payload") { Description = "What values are made of.", DefaultValueFactory = _ => "random" };
        payload.AcceptOnlyFromAmong("random", "json");
        var command = new Command(
            "produce",
            "Produces records and prints one line of JSON; the first fifth is warm-up.\n\n" +
            "Example: caudal perf produce --topic t --records 1000000 --size 100")
        {
            topic, records, size, partitions, acks, idempotent, compression, linger, batch, keys, rate, payload,
        };
        command.Check(result =>
        {
            result.AtLeast(1, records, size, partitions, batch);
            result.AtLeast(0, linger, keys, rate);
            if (result.GetValue(idempotent) == true && result.GetValue(acks) is "0" or "1")
                result.AddError("--idempotent true needs --acks all.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = await cluster.ConnectAsync(parsed, cancellationToken);
            var name = parsed.GetRequiredValue(topic);
            await EnsureTopicAsync(connection.Client, name, parsed.GetValue(partitions), cancellationToken);
            await using var producer = connection.CreateProducer(connection.Properties.ToProducerOptions() with
            {
                Acks = parsed.GetRequiredValue(acks) switch { "0" => Acks.None, "1" => Acks.Leader, _ => Acks.All },
                EnableIdempotence = parsed.GetValue(idempotent),
                Compression = Codecs.Parse(parsed.GetRequiredValue(compression)),
                Linger = TimeSpan.FromMilliseconds(parsed.GetValue(linger)),
                BatchSize = parsed.GetValue(batch),
                MaxRequestSize = Math.Max(parsed.GetValue(batch), 1024 * 1024),
                BufferMemory = Math.Max(parsed.GetValue(batch), 64L * 1024 * 1024),
            });
            var values = parsed.GetValue(payload) == "json"
                ? Payloads.CreateJson(parsed.GetValue(size))
                : Payloads.CreateRandom(parsed.GetValue(size));
            var measurement = new ProduceMeasurement(producer, name, parsed.GetValue(records));
            var report = await measurement.RunAsync(
                values,
                Payloads.CreateKeys(parsed.GetValue(keys)),
                new Pacer(parsed.GetValue(rate), TimeProvider.System),
                cancellationToken);
            await CliJson.WriteLineAsync(terminal.Out, report, CliJson.Default.PerfReport);
            return 0;
        });
        return cluster.AddTo(command);
    }

    private static Command CreateConsume(Terminal terminal, ClusterOptions cluster)
    {
        var topic = Topic();
        var records = Records();
        var group = new Option<string>("--group")
        {
            Description = "Read as a member of this group, from its committed offsets or the beginning.",
            HelpName = "G",
        };
        var checkCrc = new Option<bool>("--check-crc")
        {
            Description = "Whether checksums are verified.",
            DefaultValueFactory = _ => true,
            Arity = ArgumentArity.ExactlyOne,
            HelpName = "true|false",
        };
        var command = new Command(
            "consume",
            "Consumes records and prints one line of JSON; the first fifth is warm-up.\n\n" +
            "Example: caudal perf consume --topic t --records 1000000")
        {
            topic, records, group, checkCrc,
        };
        command.Check(result => result.AtLeast(1, records));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = await cluster.ConnectAsync(parsed, cancellationToken);
            var name = parsed.GetRequiredValue(topic);
            await using var consumer = connection.CreateConsumer(connection.Properties.ToConsumerOptions() with
            {
                GroupId = parsed.GetValue(group),
                AutoOffsetReset = AutoOffsetReset.Earliest,
                EnableAutoCommit = parsed.GetValue(group) is not null,
                CheckCrcs = parsed.GetValue(checkCrc),
                FetchMaxBytes = 64 * 1024 * 1024,
                MaxPartitionFetchBytes = 4 * 1024 * 1024,
            });
            if (parsed.GetValue(group) is not null)
            {
                consumer.Subscribe(name);
            }
            else
            {
                var partitions = await new Topics(connection.Client).PartitionsAsync([name], null, cancellationToken);
                consumer.Assign(await StartOffset.Beginning.ResolveAsync(consumer, partitions, cancellationToken));
            }

            var report = await new ConsumeMeasurement(consumer, parsed.GetValue(records)).RunAsync(cancellationToken);
            await CliJson.WriteLineAsync(terminal.Out, report, CliJson.Default.PerfReport);
            return 0;
        });
        return cluster.AddTo(command);
    }

    private static async ValueTask EnsureTopicAsync(KafkaClient client, string topic, int partitions, CancellationToken cancellationToken)
    {
        var created = await new Topics(client).CreateAsync(
            new NewTopic(topic) { Partitions = partitions, ReplicationFactor = 1 }, cancellationToken);
        if (!created.Error.Is(ErrorCode.TopicAlreadyExists))
            created.GetOrThrow();
    }

    private static Option<string> Topic() => new("--topic") { Description = "The topic.", Required = true, HelpName = "T" };

    private static Option<long> Records() => new("--records")
    {
        Description = "How many records.",
        DefaultValueFactory = _ => 1_000_000,
        HelpName = "N",
    };

    private static Option<int> Number(string name, string description, int value, string unit) =>
        new(name) { Description = description, DefaultValueFactory = _ => value, HelpName = unit };
}
