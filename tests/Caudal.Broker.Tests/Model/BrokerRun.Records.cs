using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Tests.Model;

/// <content>Records, and a consumer's session over all partitions.</content>
internal sealed partial class BrokerRun
{
    private readonly Dictionary<(ModelLog Log, long ProducerId), List<Sent>> _sent = [];
    private readonly Dictionary<ModelLog, long> _positions = [];
    private long _idempotentId = -1;
    private int _written;
    private (int Id, int Epoch) _session;

    private ModelLog AnyLog(params string[] topics)
    {
        var logs = _logs.FindAll(l => topics.Length == 0 || topics.Contains(l.Topic));
        return logs[random.Next(logs.Count)];
    }

    private (string Key, string? Value)[] NewPairs(ModelLog log) =>
    [
        .. Enumerable.Range(0, random.Next(1, 4)).Select(_ =>
            ($"k{random.Next(7)}", log.IsCompacted && random.Next(6) == 0 ? null : $"v{_written++}")),
    ];

    private async Task ProducePlainAsync()
    {
        var log = AnyLog();
        var pairs = NewPairs(log);
        var answer = await _client.ProduceAsync(log, ModelRequests.Batch(pairs, NowMs, RecordBatchProducer.None));
        Trace.Add($"{pairs.Length} records to {log.Topic}-{log.Partition} at {answer.BaseOffset}");
        Assert.Equal((ErrorCode.None, log.End), ((ErrorCode)answer.ErrorCode, answer.BaseOffset));
        log.Add(pairs, NowMs, Outcome.None);
    }

    private async Task ProduceIdempotentAsync()
    {
        if (_idempotentId < 0 || random.Next(30) == 0)
            _idempotentId = (await _client.SendAsync(new InitProducerIdRequest { TransactionalId = null })).ProducerId;
        var log = AnyLog();
        var sent = SentBy(log, _idempotentId);
        var next = sent is [.., var last] ? last.Sequence + last.Count : 0;
        switch (random.Next(5))
        {
            case 0 when sent.Count > 0:
                // The last five are answered as they were the first time.
                var again = sent[^random.Next(1, Math.Min(sent.Count, 5) + 1)];
                var repeated = await _client.ProduceAsync(log, again.Batch);
                Trace.Add($"sequence {again.Sequence} again to {log.Topic}-{log.Partition}: {repeated.BaseOffset}");
                Assert.Equal((ErrorCode.None, again.Offset), ((ErrorCode)repeated.ErrorCode, repeated.BaseOffset));
                return;
            case 1 when sent.Count > 0:
                var gap = ModelRequests.Batch(NewPairs(log), NowMs, new RecordBatchProducer(_idempotentId, 0, next + 1));
                Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (ErrorCode)(await _client.ProduceAsync(log, gap)).ErrorCode);
                return;
        }

        var pairs = NewPairs(log);
        var batch = ModelRequests.Batch(pairs, NowMs, new RecordBatchProducer(_idempotentId, 0, next));
        var answer = await _client.ProduceAsync(log, batch);
        Trace.Add($"sequence {next} to {log.Topic}-{log.Partition}: {answer.BaseOffset}");
        Assert.Equal((ErrorCode.None, log.End), ((ErrorCode)answer.ErrorCode, answer.BaseOffset));
        sent.Add(new Sent(next, pairs.Length, log.End, batch));
        log.Add(pairs, NowMs, Outcome.None);
    }

    private List<Sent> SentBy(ModelLog log, long producerId)
    {
        if (!_sent.TryGetValue((log, producerId), out var sent))
            _sent[(log, producerId)] = sent = [];
        return sent;
    }

    private async Task DeleteRecordsAsync()
    {
        var log = AnyLog();
        await ObserveStartAsync(log);
        // Not into an open transaction, whose start would not be known any more after a crash.
        var offset = random.Next(10) == 0 ? log.End + 1 : random.NextInt64(log.Start, log.LastStable + 1);
        var request = new DeleteRecordsRequest
        {
            Topics = [new() { Name = log.Topic, Partitions = [new() { PartitionIndex = log.Partition, Offset = offset }] }],
            TimeoutMs = 5000,
        };
        var answer = (await _client.SendAsync(request)).Topics[0].Partitions[0];
        Trace.Add($"delete {log.Topic}-{log.Partition} to {offset}: {(ErrorCode)answer.ErrorCode}");
        var expected = log.IsCompacted ? ErrorCode.PolicyViolation : offset > log.End ? ErrorCode.OffsetOutOfRange : ErrorCode.None;
        Assert.Equal(expected, (ErrorCode)answer.ErrorCode);
        if (expected != ErrorCode.None)
            return;
        Assert.Equal(offset, answer.LowWatermark);
        log.Start = offset;
    }

    private async Task RecreateTopicAsync()
    {
        Trace.Add("delete gone");
        var deleted = await _client.SendAsync(new DeleteTopicsRequest { TopicNames = ["gone"], TimeoutMs = 5000 }, 5);
        Assert.Equal(ErrorCode.None, (ErrorCode)deleted.Responses[0].ErrorCode);
        var absent = await _client.ListOffsetAsync(AnyLog("gone"), -1);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, absent.Error);
        _logs.RemoveAll(l => l.Topic == "gone");
        _offsets.Keys.Where(k => k.Topic == "gone").ToList().ForEach(k => _offsets.Remove(k));
        await CreateAsync("gone", random.Next(1, 3), "cleanup.policy=delete", "retention.ms=-1");
        await OpenSessionAsync();
    }

    /// <summary>Begins an incremental session over all partitions from their starts on (KIP-227).</summary>
    private async Task OpenSessionAsync()
    {
        _positions.Clear();
        foreach (var log in _logs)
        {
            await ObserveStartAsync(log);
            _positions[log] = log.Start;
        }

        var response = await _client.SendAsync(SessionRequest(0, 0, _logs), 12);
        Assert.NotEqual(0, response.SessionId);
        _session = (response.SessionId, 1);
        Take(response);
    }

    /// <summary>Asks for what is new; only positions that moved are named.</summary>
    private async Task PollSessionAsync()
    {
        Trace.Add("poll");
        foreach (var log in _logs)
        {
            await ObserveStartAsync(log);
            _positions[log] = Math.Max(_positions[log], log.Start);
        }

        for (var before = -1L; before != _positions.Values.Sum();)
        {
            before = _positions.Values.Sum();
            var response = await _client.SendAsync(SessionRequest(_session.Id, _session.Epoch, _logs), 12);
            Assert.Equal((ErrorCode.None, _session.Id), ((ErrorCode)response.ErrorCode, response.SessionId));
            _session.Epoch++;
            Take(response);
        }

        Assert.All(_logs, log => Assert.Equal(log.End, _positions[log]));
    }

    private void Take(FetchResponse response)
    {
        foreach (var topic in response.Responses)
        {
            foreach (var data in topic.Partitions)
            {
                Assert.Equal(ErrorCode.None, (ErrorCode)data.ErrorCode);
                var log = _logs.Single(l => l.Topic == topic.Topic && l.Partition == data.PartitionIndex);
                var read = new List<(long Offset, string Key, string? Value)>();
                var from = _positions[log];
                _positions[log] = ModelRequests.Take(data.Records ?? default, from, [], read);
                var expected = log.Visible(committed: false).Where(r => r.Offset >= from && r.Offset < _positions[log])
                    .Select(r => (r.Offset, r.Key!, r.Value)).ToList();
                Assert.Empty(read.Except(expected));
                if (!log.IsCompacted)
                    Assert.Equal(expected, read);
            }
        }
    }

    private FetchRequest SessionRequest(int id, int epoch, IEnumerable<ModelLog> logs) => new()
    {
        SessionId = id,
        SessionEpoch = epoch,
        MinBytes = 0,
        MaxBytes = int.MaxValue,
        Topics =
        [
            .. logs.GroupBy(l => l.Topic).Select(topic => new FetchRequest.FetchTopic
            {
                Topic = topic.Key,
                Partitions =
                [
                    .. topic.Select(l => new FetchRequest.FetchPartition
                    {
                        Partition = l.Partition,
                        FetchOffset = _positions[l],
                        PartitionMaxBytes = 1 << 20,
                    }),
                ],
            }),
        ],
    };

    private sealed record Sent(int Sequence, int Count, long Offset, byte[] Batch);
}
