using System.Buffers.Binary;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Client.Tests.Consuming;

/// <summary>The partitions of a <see cref="ScriptedCluster"/>: Metadata, ListOffsets and Fetch.</summary>
internal sealed class ScriptedLog
{
    private readonly ScriptedCluster _cluster;
    private readonly Lock _lock = new();
    private readonly Dictionary<TopicPartition, Partition> _partitions = [];
    private readonly Dictionary<string, Uuid> _ids = [];
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ScriptedLog(ScriptedCluster cluster)
    {
        _cluster = cluster;
        cluster.On<MetadataRequest, MetadataResponse>((_, _, request) => Describe(request));
        cluster.On<ListOffsetsRequest, ListOffsetsResponse>((_, _, request) => List(request));
        cluster.OnAsync<FetchRequest, FetchResponse>((node, _, request) => FetchAsync(node, request));
    }

    public bool HasTopicIds { get; set; } = true;

    /// <summary>The fetch sessions; null for a broker that has none.</summary>
    public ScriptedSessions? Sessions { get; set; }

    /// <summary>Whether who is not the leader names who is (KIP-951).</summary>
    public bool HintsAtLeaders { get; set; }

    /// <summary>Serves OffsetForLeaderEpoch, as brokers with KIP-320 do.</summary>
    public void KnowEpochs() => _cluster.On<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>((_, _, request) =>
    {
        lock (_lock)
        {
            return new OffsetForLeaderEpochResponse
            {
                Topics = [.. request.Topics.Select(t => new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult
                {
                    Topic = t.Topic,
                    Partitions = [.. t.Partitions.Select(p => EndOf_UnderLock(t.Topic, p))],
                })],
            };
        }
    });

    /// <summary>A new leader takes over that lacks what stands from an offset on.</summary>
    public void Truncate(string topic, int partition, long end)
    {
        lock (_lock)
        {
            var log = _partitions[new TopicPartition(topic, partition)];
            log.Batches.RemoveAll(b => RecordBatchView.Read(b).BaseOffset >= end);
            log.End = end;
            log.Epoch++;
            Wake_UnderLock();
        }
    }

    public void Create(string topic, int partitions = 1)
    {
        lock (_lock)
        {
            _ids[topic] = Uuid.NewRandom();
            for (var i = 0; i < partitions; i++)
                _partitions[new TopicPartition(topic, i)] = new Partition { Leader = i % _cluster.NodeCount };
        }
    }

    public long Append(string topic, int partition, params string?[] values) =>
        AppendRaw(topic, partition, Batches.Of(EndOffset(topic, partition), values));

    public long AppendRaw(string topic, int partition, byte[] batch)
    {
        lock (_lock)
        {
            var log = _partitions[new TopicPartition(topic, partition)];
            RecordBatchPatch.SetLeaderEpoch(batch, log.Epoch);
            log.Batches.Add(batch);
            log.End = RecordBatchView.Read(batch).LastOffset + 1;
            Wake_UnderLock();
            return log.End;
        }
    }

    /// <summary>Adds messages of magic 0 and 1, and what may follow them, up to an end.</summary>
    public void AppendMessages(string topic, int partition, byte[] messages, long end)
    {
        lock (_lock)
        {
            var log = _partitions[new TopicPartition(topic, partition)];
            log.Old = messages;
            log.End = end;
            Wake_UnderLock();
        }
    }

    public long EndOffset(string topic, int partition)
    {
        lock (_lock)
            return _partitions[new TopicPartition(topic, partition)].End;
    }

    public void MoveLeader(string topic, int partition, int node)
    {
        lock (_lock)
        {
            var log = _partitions[new TopicPartition(topic, partition)];
            log.Leader = node;
            log.Epoch++;
            Wake_UnderLock();
        }
    }

    public void DeleteBefore(string topic, int partition, long offset)
    {
        lock (_lock)
            _partitions[new TopicPartition(topic, partition)].Start = offset;
    }

    /// <summary>Lists a transaction as aborted, from its first record to its marker, for those who read committed records.</summary>
    public void Abort(string topic, int partition, long producerId, long firstOffset, long marker)
    {
        var aborted = new FetchResponse.AbortedTransaction { ProducerId = producerId, FirstOffset = firstOffset };
        lock (_lock)
            _partitions[new TopicPartition(topic, partition)].Aborted.Add((aborted, marker));
    }

    /// <summary>Sets where the first open transaction starts; −1 for none.</summary>
    public void SetStable(string topic, int partition, long offset)
    {
        lock (_lock)
        {
            _partitions[new TopicPartition(topic, partition)].OpenFrom = offset;
            Wake_UnderLock();
        }
    }

    private void Wake_UnderLock()
    {
        _appended.TrySetResult();
        _appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private MetadataResponse Describe(MetadataRequest request)
    {
        lock (_lock)
        {
            var names = request.Topics?.Select(t => t.Name!) ?? _ids.Keys;
            return new MetadataResponse
            {
                ClusterId = "fake",
                Brokers = [.. Enumerable.Range(0, _cluster.NodeCount).Select(n => new MetadataResponse.MetadataResponseBroker
                {
                    NodeId = n,
                    Host = _cluster.Address(n).Host,
                    Port = _cluster.Address(n).Port,
                })],
                Topics = [.. names.Select(name => new MetadataResponse.MetadataResponseTopic
                {
                    Name = name,
                    TopicId = HasTopicIds ? _ids.GetValueOrDefault(name) : Uuid.Zero,
                    ErrorCode = (short)(_ids.ContainsKey(name) ? ErrorCode.None : ErrorCode.UnknownTopicOrPartition),
                    Partitions = [.. _partitions.Where(p => p.Key.Topic == name).Select(p => new MetadataResponse.MetadataResponsePartition
                    {
                        PartitionIndex = p.Key.Partition,
                        LeaderId = p.Value.Leader,
                        LeaderEpoch = p.Value.Epoch,
                        ReplicaNodes = [p.Value.Leader],
                        IsrNodes = [p.Value.Leader],
                    })],
                })],
            };
        }
    }

    private ListOffsetsResponse List(ListOffsetsRequest request)
    {
        lock (_lock)
        {
            return new ListOffsetsResponse
            {
                Topics = [.. request.Topics.Select(t => new ListOffsetsResponse.ListOffsetsTopicResponse
                {
                    Name = t.Name,
                    Partitions = [.. t.Partitions.Select(p => List_UnderLock(t.Name, p, request.IsolationLevel == 1))],
                })],
            };
        }
    }

    private ListOffsetsResponse.ListOffsetsPartitionResponse List_UnderLock(
        string topic, ListOffsetsRequest.ListOffsetsPartition asked, bool committed)
    {
        var answer = new ListOffsetsResponse.ListOffsetsPartitionResponse { PartitionIndex = asked.PartitionIndex };
        if (!_partitions.TryGetValue(new TopicPartition(topic, asked.PartitionIndex), out var log))
        {
            answer.ErrorCode = (short)ErrorCode.UnknownTopicOrPartition;
            return answer;
        }

        answer.Offset = asked.Timestamp switch { -1 => committed ? log.Stable : log.End, -2 => log.Start, _ => -1 };
        for (var i = 0; asked.Timestamp >= 0 && i < log.Batches.Count; i++)
        {
            foreach (var record in RecordBatchView.Read(log.Batches[i]).GetRecords())
            {
                if (answer.Offset < 0 && record.Timestamp >= asked.Timestamp)
                    (answer.Offset, answer.Timestamp) = (record.Offset, record.Timestamp);
            }
        }

        return answer;
    }

    private OffsetForLeaderEpochResponse.EpochEndOffset EndOf_UnderLock(
        string topic, OffsetForLeaderEpochRequest.OffsetForLeaderPartition asked)
    {
        var log = _partitions[new TopicPartition(topic, asked.Partition)];
        var answer = new OffsetForLeaderEpochResponse.EpochEndOffset { Partition = asked.Partition };
        foreach (var batch in log.Batches.Select(b => RecordBatchView.Read(b).PartitionLeaderEpoch).Where(e => e <= asked.LeaderEpoch))
            answer.LeaderEpoch = Math.Max(answer.LeaderEpoch, batch);
        var next = log.Batches.FindIndex(b => RecordBatchView.Read(b).PartitionLeaderEpoch > asked.LeaderEpoch);
        answer.EndOffset = answer.LeaderEpoch < 0 ? -1 : next < 0 ? log.End : RecordBatchView.Read(log.Batches[next]).BaseOffset;
        return answer;
    }

    private async ValueTask<FetchResponse?> FetchAsync(int node, FetchRequest request)
    {
        if (Sessions is not { } sessions)
            return await FetchWholeAsync(node, request);
        if (!sessions.TryOpen(node, request, out var session))
            return new FetchResponse { ErrorCode = (short)ErrorCode.FetchSessionIdNotFound };
        var response = (await FetchWholeAsync(node, request))!;
        session.Reduce(response);
        return response;
    }

    private async ValueTask<FetchResponse?> FetchWholeAsync(int node, FetchRequest request)
    {
        using var expired = new CancellationTokenSource(request.MaxWaitMs);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, _cluster.Stopped);
        while (true)
        {
            Task appended;
            FetchResponse response;
            bool isWorth;
            lock (_lock)
            {
                response = Fetch_UnderLock(node, request, out isWorth);
                appended = _appended.Task;
            }

            if (isWorth || expired.IsCancellationRequested)
                return response;
            await appended.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _cluster.Stopped.ThrowIfCancellationRequested();
        }
    }

    private FetchResponse Fetch_UnderLock(int node, FetchRequest request, out bool isWorth)
    {
        var worth = false;
        var left = request.MaxBytes;
        var response = new FetchResponse
        {
            Responses = [.. request.Topics.Select(t => new FetchResponse.FetchableTopicResponse
            {
                Topic = t.Topic,
                TopicId = t.TopicId,
                Partitions = [.. t.Partitions.Select(p => Read_UnderLock(t, p))],
            })],
        };
        if (HintsAtLeaders)
            response.NodeEndpoints = [.. Enumerable.Range(0, _cluster.NodeCount).Select(Endpoint)];
        isWorth = worth;
        return response;

        FetchResponse.PartitionData Read_UnderLock(FetchRequest.FetchTopic topic, FetchRequest.FetchPartition asked)
        {
            var name = topic.Topic.Length > 0 ? topic.Topic : _ids.FirstOrDefault(i => i.Value == topic.TopicId).Key;
            var data = new FetchResponse.PartitionData { PartitionIndex = asked.Partition, Records = ReadOnlyMemory<byte>.Empty };
            if (name is null || !_partitions.TryGetValue(new TopicPartition(name, asked.Partition), out var log))
                data.ErrorCode = (short)(name is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition);
            else if (log.Leader != node)
                NotLeader(data, log);
            else if (asked.CurrentLeaderEpoch >= 0 && asked.CurrentLeaderEpoch < log.Epoch)
                data.ErrorCode = (short)ErrorCode.FencedLeaderEpoch;
            else if (asked.FetchOffset < log.Start || asked.FetchOffset > log.End)
                data.ErrorCode = (short)ErrorCode.OffsetOutOfRange;
            else
                Fill(data, log, asked, request.IsolationLevel == 1, ref left);
            worth |= data.ErrorCode != 0 || data.Records!.Value.Length > 0;
            return data;
        }
    }

    private FetchResponse.NodeEndpoint Endpoint(int node) =>
        new() { NodeId = node, Host = _cluster.Address(node).Host, Port = _cluster.Address(node).Port };

    private void NotLeader(FetchResponse.PartitionData data, Partition log)
    {
        data.ErrorCode = (short)ErrorCode.NotLeaderOrFollower;
        if (HintsAtLeaders)
            data.CurrentLeader = new FetchResponse.LeaderIdAndEpoch { LeaderId = log.Leader, LeaderEpoch = log.Epoch };
    }

    private static void Fill(
        FetchResponse.PartitionData data, Partition log, FetchRequest.FetchPartition asked, bool committed, ref int left)
    {
        data.HighWatermark = log.End;
        data.LastStableOffset = log.Stable;
        data.AbortedTransactions = committed ? [.. log.Aborted.Where(a => a.Marker >= asked.FetchOffset).Select(a => a.Transaction)] : null;
        data.LogStartOffset = log.Start;
        var records = new List<byte>(asked.FetchOffset < log.End ? log.Old : []);
        foreach (var batch in log.Batches)
        {
            if (BinaryPrimitives.ReadInt64BigEndian(batch) + RecordBatchView.Read(batch).LastOffsetDelta < asked.FetchOffset)
                continue;
            if (committed && BinaryPrimitives.ReadInt64BigEndian(batch) >= log.Stable)
                break;
            if (records.Count > 0 && (batch.Length > left || records.Count + batch.Length > asked.PartitionMaxBytes))
                break;
            records.AddRange(batch);
            left -= batch.Length;
        }

        data.Records = records.ToArray();
    }

    private sealed class Partition
    {
        public List<byte[]> Batches { get; } = [];

        public byte[] Old { get; set; } = [];

        public int Leader { get; set; }

        public int Epoch { get; set; }

        public long Start { get; set; }

        public long End { get; set; }

        public long OpenFrom { get; set; } = -1;

        public long Stable => OpenFrom >= 0 ? OpenFrom : End;

        public List<(FetchResponse.AbortedTransaction Transaction, long Marker)> Aborted { get; } = [];
    }
}
