using Caudal.Broker.Tests.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Tests.Model;

/// <content>Transactional producers in both protocols.</content>
internal sealed partial class BrokerRun
{
    private readonly List<Producer> _producers = [];

    private async Task InitializeAsync(int index)
    {
        var client = new TransactionClient(_client, $"producer-{index}", second: index % 2 == 1);
        ErrorCode error;
        while ((error = await client.InitializeAsync(timeoutMs: 900_000)) == ErrorCode.ConcurrentTransactions)
        {
        }

        Assert.Equal(ErrorCode.None, error);
        if (index == _producers.Count)
            _producers.Add(new Producer(index));
        _producers[index].Client = client;
        _producers[index].Sequences.Clear();
    }

    // Another process takes over: what is open is aborted.
    private async Task TakeOverAsync()
    {
        var producer = _producers[random.Next(_producers.Count)];
        Trace.Add($"take over {producer.Index}");
        var former = producer.Client;
        End(producer, commit: false);
        await InitializeAsync(producer.Index);
        Assert.Contains(await former.CommitAsync(), new[] { ErrorCode.ProducerFenced, ErrorCode.InvalidProducerEpoch });
    }

    private async Task WriteInTransactionAsync()
    {
        var producer = _producers[random.Next(_producers.Count)];
        var log = AnyLog("plain", "compact");
        if (!producer.IsSecond)
            Assert.Equal(ErrorCode.None, await producer.Client.AddAsync(log.Topic, log.Partition));
        var identity = (producer.Client.ProducerId, producer.Client.Epoch);
        if (producer.Identity != identity)
            producer.Sequences.Clear();
        producer.Identity = identity;
        var pairs = NewPairs(log);
        var sequence = producer.Sequences.GetValueOrDefault(log);
        var batch = ModelRequests.Batch(
            pairs, NowMs, new RecordBatchProducer(identity.ProducerId, identity.Epoch, sequence, IsTransactional: true));
        for (var times = random.Next(4) == 0 ? 2 : 1; times > 0; times--)
        {
            var answer = await _client.ProduceAsync(log, batch, $"producer-{producer.Index}", producer.IsSecond ? (short)12 : (short)11);
            Trace.Add($"producer {producer.Index} to {log.Topic}-{log.Partition}: {answer.BaseOffset}");
            Assert.Equal((ErrorCode.None, log.End), ((ErrorCode)answer.ErrorCode, answer.BaseOffset));
        }

        producer.Sequences[log] = sequence + pairs.Length;
        producer.Open.AddRange(log.Add(pairs, NowMs, Outcome.Open));
        producer.Logs.Add(log);
        producer.IsOpen = true;
    }

    private async Task CommitInTransactionAsync()
    {
        var producer = _producers[random.Next(_producers.Count)];
        if (!producer.IsSecond)
            Assert.Equal(ErrorCode.None, await producer.Client.AddOffsetsAsync(producer.Group));
        producer.PendingOffset = random.Next(1000);
        producer.PendingOrder = ++_commits;
        Trace.Add($"producer {producer.Index} commits {producer.PendingOffset}");
        Assert.Equal(ErrorCode.None, await producer.Client.CommitOffsetAsync(producer.Group, "plain", producer.PendingOffset.Value));
        producer.IsOpen = true;
    }

    private async Task EndTransactionAsync()
    {
        var producer = _producers[random.Next(_producers.Count)];
        if (!producer.IsOpen)
            return;
        var commit = random.Next(3) > 0;
        Trace.Add($"producer {producer.Index} {(commit ? "commits" : "aborts")}");
        Assert.Equal(ErrorCode.None, await producer.Client.EndAsync(commit));
        End(producer, commit);
    }

    private void End(Producer producer, bool commit)
    {
        producer.Open.ForEach(r => r.Outcome = commit ? Outcome.Committed : Outcome.Aborted);
        producer.Open.Clear();
        foreach (var log in producer.Logs)
            log.AddMarker(NowMs);
        producer.Logs.Clear();
        if (commit && producer.PendingOffset is { } offset
            && _offsets.GetValueOrDefault((producer.Group, "plain")).Order < producer.PendingOrder)
            _offsets[(producer.Group, "plain")] = (offset, producer.PendingOrder);
        producer.PendingOffset = null;
        producer.IsOpen = false;
    }

    private sealed class Producer(int index)
    {
        public int Index => index;

        public bool IsSecond => index % 2 == 1;

        public string Group => $"group-{index}";

        public TransactionClient Client { get; set; } = null!;

        public (long ProducerId, short Epoch) Identity { get; set; } = (-1, -1);

        public Dictionary<ModelLog, int> Sequences { get; } = [];

        public List<ModelRecord> Open { get; } = [];

        public HashSet<ModelLog> Logs { get; } = [];

        public long? PendingOffset { get; set; }

        public int PendingOrder { get; set; }

        public bool IsOpen { get; set; }
    }
}
