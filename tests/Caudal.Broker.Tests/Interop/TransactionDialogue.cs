using System.Globalization;
using Caudal.Broker.Tests.Support;
using Caudal.Broker.Tests.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Tests.Interop;

/// <summary>
/// What a broker answers to producers that do right and wrong, line by line, with producer ids numbered as they come: the same of every
/// broker.
/// </summary>
internal sealed class TransactionDialogue(TestClient client)
{
    public const string Topic = "dialogue";
    private const string Mixed = "mixed";
    private readonly List<string> _lines = [];
    private readonly List<long> _producerIds = [];

    public async Task<IReadOnlyList<string>> RunAsync()
    {
        await client.CreateTopicAsync(Topic);
        await client.CreateTopicAsync(Mixed, 2);
        await WaitUntilReadyAsync();
        await InitializeWronglyAsync();
        await SpeakFirstProtocolAsync();
        await SpeakSecondProtocolAsync();
        await CommitOffsetsAsync();
        await MixProducersAsync();
        await EndFromOutsideAsync();
        return _lines;
    }

    // Kafka makes its topics when somebody asks for a coordinator, and loads them.
    private async Task WaitUntilReadyAsync()
    {
        foreach (var (type, key) in ((sbyte, string)[])[(0, "g"), (1, "first")])
        {
            var request = new FindCoordinatorRequest { KeyType = type, CoordinatorKeys = [key] };
            while ((await client.SendAsync(request)).Coordinators[0].ErrorCode != 0)
            {
            }
        }

        var fetch = new OffsetFetchRequest { GroupId = "g", Topics = [] };
        while ((await client.SendAsync(fetch, 7)).ErrorCode != 0)
        {
        }

        foreach (var id in (string[])["first", "second", "offsets", "offsets-2", "hanging", "mixed"])
        {
            while (await new TransactionClient(client, id).InitializeAsync() != ErrorCode.None)
            {
            }
        }

        var describe = new DescribeTransactionsRequest { TransactionalIds = ["unknown"] };
        while ((await client.SendAsync(describe)).TransactionStates[0].ErrorCode != (short)ErrorCode.TransactionalIdNotFound)
        {
        }
    }

    private async Task InitializeWronglyAsync()
    {
        await SayAsync("no id", new TransactionClient(client, "").InitializeAsync());
        await SayAsync("timeout 0", new TransactionClient(client, "wrong").InitializeAsync(timeoutMs: 0));
        await SayAsync("timeout too long", new TransactionClient(client, "wrong").InitializeAsync(timeoutMs: 900_001));
        var unknown = new TransactionClient(client, "unknown") { ProducerId = 5, Epoch = 0 };
        await SayAsync("unknown id adds", unknown.AddAsync(Topic));
        await SayAsync("unknown id ends", unknown.CommitAsync());
        await SayAsync("unknown id writes", unknown.WriteAsync(Topic, 0, "x"));
        var empty = new TransactionClient(client, "", second: true) { ProducerId = 5, Epoch = 0 };
        await SayAsync("empty id ends", empty.CommitAsync());
    }

    private async Task SpeakFirstProtocolAsync()
    {
        var producer = new TransactionClient(client, "first");
        await SayAsync("initialize", producer, producer.InitializeAsync());
        await SayAsync("commit nothing", producer, producer.CommitAsync());
        await SayAsync("abort nothing", producer, producer.AbortAsync());
        await SayAsync("add a missing partition", producer.AddAsync(Topic, 7));
        await SayAsync("write without adding, version 10", Error(producer.SendAsync(Topic, 0, 10, "x")));
        await SayAsync("write without adding, version 11", Error(producer.SendAsync(Topic, 0, 11, "x")));
        await SayAsync("add", producer.AddAsync(Topic));
        await SayAsync("add again", producer.AddAsync(Topic));
        await SayAsync("write", producer.WriteAsync(Topic, 0, "a"));
        await DescribeAsync(producer);
        await SayAsync("commit", producer, producer.CommitAsync());
        await SayAsync("commit again", producer, producer.CommitAsync());
        await SayAsync("abort what is committed", producer, producer.AbortAsync());
        await DescribeAsync(producer);
        var former = new TransactionClient(client, "first") { ProducerId = producer.ProducerId, Epoch = producer.Epoch };
        await SayAsync("initialize again", producer, producer.InitializeAsync());
        await SayAsync("fenced adds, version 3", former.AddAsync(Topic));
        await SayAsync("fenced adds, version 1", former.AddAsync(Topic, version: 1));
        await SayAsync("fenced ends, version 4", former.EndAsync(true, 4));
        await SayAsync("fenced ends, version 1", former.EndAsync(true, 1));
        await SayAsync("fenced writes", former.WriteAsync(Topic, 0, "x"));
        await SayAsync("fenced goes on, version 4", former.InitializeAsync(resume: true));
        await SayAsync("fenced goes on, version 3", former.InitializeAsync(resume: true, version: 3));
        (former.ProducerId, former.Epoch) = (producer.ProducerId, producer.Epoch);
        await SayAsync("go on", producer, producer.InitializeAsync(resume: true));
        await SayAsync("go on once more with the former epoch", former, former.InitializeAsync(resume: true));
        producer.ProducerId += 100_000;
        await SayAsync("another's id adds", producer.AddAsync(Topic));
        await SayAsync("another's id ends", producer.CommitAsync());
        await SayAsync("another's id goes on", producer.InitializeAsync(resume: true));
        producer.ProducerId -= 100_000;
        await SayAsync("add", producer.AddAsync(Topic));
        await SayAsync("write", producer.WriteAsync(Topic, 0, "b"));
        await FenceAsync(producer, new TransactionClient(client, "first"));
    }

    private async Task SpeakSecondProtocolAsync()
    {
        var producer = new TransactionClient(client, "second", second: true);
        await SayAsync("initialize", producer, producer.InitializeAsync());
        await SayAsync("commit nothing", producer, producer.CommitAsync());
        await SayAsync("abort nothing", producer, producer.AbortAsync());
        await DescribeAsync(producer);
        await SayAsync("write", producer.WriteAsync(Topic, 0, "a"));
        await DescribeAsync(producer);
        var former = new TransactionClient(client, "second", second: true) { ProducerId = producer.ProducerId, Epoch = producer.Epoch };
        await SayAsync("commit", producer, producer.CommitAsync());
        await SayAsync("abort what is committed", former.AbortAsync());
        await SayAsync("write with the former epoch", former.WriteAsync(Topic, 0, "x"));
        await SayAsync("commit again", former, former.CommitAsync());
        await SayAsync("commit the next, which is empty", producer, producer.CommitAsync());
        await SayAsync("abort the next, which is empty", producer, producer.AbortAsync());
        (former.ProducerId, former.Epoch) = (producer.ProducerId, producer.Epoch);
        await SayAsync("write", producer.WriteAsync(Topic, 0, "b"));
        await SayAsync("abort", producer, producer.AbortAsync());
        await SayAsync("commit what is aborted", former.CommitAsync());
        await SayAsync("abort again", former, former.AbortAsync());
        await DescribeAsync(producer);
        (former.ProducerId, former.Epoch) = (producer.ProducerId, (short)(producer.Epoch - 2));
        await SayAsync("end with an epoch of long ago", former.AbortAsync());
        (former.ProducerId, former.Epoch) = (producer.ProducerId, (short)(producer.Epoch + 1));
        await SayAsync("end with an epoch to come", former.AbortAsync());
        await SayAsync("write", producer.WriteAsync(Topic, 0, "c"));
        await FenceAsync(producer, new TransactionClient(client, "second", second: true));
    }

    private async Task FenceAsync(TransactionClient producer, TransactionClient next)
    {
        await SayAsync("another takes over", next.InitializeAsync());
        await SettleAsync(next);
        await DescribeAsync(producer);
        await SayAsync("fenced writes", producer.WriteAsync(Topic, 0, "x"));
        await SayAsync("fenced ends", producer.CommitAsync());
        await SayAsync("the other goes on", next, next.InitializeAsync());
    }

    private async Task CommitOffsetsAsync()
    {
        var producer = new TransactionClient(client, "offsets");
        await SayAsync("initialize", producer, producer.InitializeAsync());
        foreach (var version in (short[])[2, 3, 4])
            await SayAsync($"offsets without adding, version {version}", producer.CommitOffsetAsync("g", Topic, 5, version: version));
        await SayAsync("add offsets", producer.AddOffsetsAsync("g"));
        await SayAsync("offsets of a generation that is not", producer.CommitOffsetAsync("g", Topic, 5, generation: 3, member: "m"));
        await SayAsync("offsets of a missing topic", producer.CommitOffsetAsync("g", "missing", 5));
        await SayAsync("offsets", producer.CommitOffsetAsync("g", Topic, 5));
        await SayAsync("offsets of a member that is not", producer.CommitOffsetAsync("g", Topic, 5, generation: 3, member: "m"));
        _lines.Add($"stable: {await client.FetchOffsetAsync("g", Topic)}");
        _lines.Add($"as it is: {await client.FetchOffsetAsync("g", Topic, stable: false)}");
        await SayAsync("commit", producer.CommitAsync());
        await SettleAsync(producer);
        _lines.Add($"stable: {await client.FetchOffsetAsync("g", Topic)}");
        await SayAsync("add offsets", producer.AddOffsetsAsync("g"));
        await SayAsync("offsets", producer.CommitOffsetAsync("g", Topic, 9));
        await SayAsync("abort", producer.AbortAsync());
        await SettleAsync(producer);
        _lines.Add($"stable: {await client.FetchOffsetAsync("g", Topic)}");
        var second = new TransactionClient(client, "offsets-2", second: true);
        await SayAsync("initialize", second, second.InitializeAsync());
        await SayAsync("offsets, version 5", second.CommitOffsetAsync("g", Topic, 12));
        await SayAsync("commit", second, second.CommitAsync());
        await SettleAsync(second);
        _lines.Add($"stable: {await client.FetchOffsetAsync("g", Topic)}");
    }

    // Batches of several producers, epochs and kinds in one request.
    private async Task MixProducersAsync()
    {
        var producer = new TransactionClient(client, "mixed");
        await SayAsync("initialize", producer, producer.InitializeAsync());
        await SayAsync("add", producer.AddAsync(Mixed));
        await SayAsync("add", producer.AddAsync(Mixed, 1));
        var (id, epoch) = (producer.ProducerId, producer.Epoch);
        var own = Batches.By(new RecordBatchProducer(id, epoch, 0, IsTransactional: true), "a");
        var former = Batches.By(new RecordBatchProducer(id, (short)(epoch - 1), 0, IsTransactional: true), "b");
        var other = Batches.By(new RecordBatchProducer(id + 100_000, 0, 0, IsTransactional: true), "c");
        foreach (var version in (short[])[10, 11, 12])
        {
            await SayAsync($"two producers, version {version}", "mixed", version, own, other);
            await SayAsync($"two epochs, version {version}", "mixed", version, own, former);
            await SayAsync($"no id, version {version}", null, version, own, own);
            await SayAsync($"no id for one, version {version}", null, version, Batches.Of("x"), own);
            await SayAsync($"something else beside, version {version}", "mixed", version, null, other);
        }

        await SayAsync("a plain one beside", "mixed", 11, own, Batches.Of("x"));
        await SayAsync("abort", producer, producer.AbortAsync());
    }

    private async Task SayAsync(string what, string? transactionalId, short version, byte[]? first, byte[]? second)
    {
        var request = Brokers.Produce(Mixed, first);
        request.TransactionalId = transactionalId;
        request.TopicData[0].PartitionData = [new() { Index = 0, Records = first }, new() { Index = 1, Records = second }];
        var response = await client.SendAsync(request, version);
        var errors = response.Responses[0].PartitionResponses.OrderBy(p => p.Index).Select(p => (ErrorCode)p.ErrorCode);
        _lines.Add($"{what}: " + string.Join(' ', errors));
    }

    // A transaction that no coordinator knows of any more is ended by an administrator.
    private async Task EndFromOutsideAsync()
    {
        var producer = new TransactionClient(client, "hanging");
        await SayAsync("initialize", producer, producer.InitializeAsync());
        await SayAsync("add", producer.AddAsync(Topic));
        await SayAsync("write", producer.WriteAsync(Topic, 0, "z"));
        await DescribeProducersAsync(producer.ProducerId);
        foreach (var (label, epoch, partition) in ((string, short, int)[])[("old epoch", 0, 0), ("missing", 1, 9), ("right", 1, 0)])
        {
            var request = new WriteTxnMarkersRequest
            {
                Markers =
                [
                    new()
                    {
                        ProducerId = producer.ProducerId,
                        ProducerEpoch = epoch,
                        CoordinatorEpoch = 0,
                        Topics = [new() { Name = Topic, PartitionIndexes = [partition] }],
                    },
                ],
            };
            var response = await client.SendAsync(request, 1);
            _lines.Add($"{label}: {(ErrorCode)response.Markers[0].Topics[0].Partitions[0].ErrorCode}");
        }

        await DescribeProducersAsync(producer.ProducerId);
        await SayAsync("commit", producer.CommitAsync());
    }

    private async Task DescribeProducersAsync(long producerId)
    {
        var response = await client.SendAsync(new DescribeProducersRequest { Topics = [new() { Name = Topic, PartitionIndexes = [0] }] });
        var found = response.Topics[0].Partitions[0].ActiveProducers.SingleOrDefault(p => p.ProducerId == producerId);
        var end = await client.EndAsync(Topic, 0);
        _lines.Add(found is null ? "no such producer"
            : $"epoch {found.ProducerEpoch} sequence {found.LastSequence} coordinator {found.CoordinatorEpoch} "
                + $"open since the end but {(found.CurrentTxnStartOffset < 0 ? -1 : end - found.CurrentTxnStartOffset)}");
    }

    private async Task DescribeAsync(TransactionClient producer)
    {
        await SettleAsync(producer);
        var state = await producer.DescribeAsync();
        var topics = string.Join(' ', state.Topics.Select(t => $"{t.Topic}-{string.Join(',', t.Partitions)}"));
        _lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"  {state.TransactionState} {Number(state.ProducerId)} epoch {state.ProducerEpoch} timeout {state.TransactionTimeoutMs} "
                + $"begun {state.TransactionStartTimeMs > 0} {topics}"));
    }

    // Kafka answers before the markers are written: what follows must not depend on how far it is.
    private static async Task SettleAsync(TransactionClient producer)
    {
        while ((await producer.DescribeAsync()).TransactionState.StartsWith("Prepare", StringComparison.Ordinal))
        {
        }
    }

    private async Task SayAsync(string what, Task<ErrorCode> answer) => _lines.Add($"{what}: {await answer}");

    private async Task SayAsync(string what, TransactionClient producer, Task<ErrorCode> answer)
    {
        var error = await answer;
        if (error == ErrorCode.None)
            await SettleAsync(producer);
        _lines.Add($"{what}: {error} {Number(producer.ProducerId)} epoch {producer.Epoch}");
    }

    private static async Task<ErrorCode> Error(Task<ProduceResponse.PartitionProduceResponse> response) =>
        (ErrorCode)(await response).ErrorCode;

    private string Number(long producerId)
    {
        if (!_producerIds.Contains(producerId))
            _producerIds.Add(producerId);
        return $"producer {_producerIds.IndexOf(producerId)}";
    }
}
