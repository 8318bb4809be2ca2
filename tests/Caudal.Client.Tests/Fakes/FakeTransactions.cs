using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Client.Tests.Fakes;

/// <summary>
/// The transaction coordinator of a <see cref="FakeCluster"/>, which fences, refuses and bumps epochs as Kafka's does. Under its lock.
/// </summary>
internal sealed class FakeTransactions
{
    private readonly Dictionary<string, State> _states = [];
    private long _producerIds = 5000;

    /// <summary>Whether the cluster has finalized transaction.version 2 (KIP-890).</summary>
    public bool IsSecondVersion { get; set; }

    /// <summary>What was committed for groups.</summary>
    public Dictionary<(string Group, TopicPartition Partition), long> Offsets { get; } = [];

    /// <summary>The epoch of an id now.</summary>
    public short EpochOf(string id) => _states[id].Epoch;

    public IKafkaMessage Answer(FakeCluster cluster, FakeCall call) => call.Key switch
    {
        ApiKey.InitProducerId => Init(call.Read<InitProducerIdRequest>()),
        ApiKey.AddPartitionsToTxn => Add(cluster, call.Read<AddPartitionsToTxnRequest>()),
        ApiKey.AddOffsetsToTxn => AddGroup(call.Read<AddOffsetsToTxnRequest>()),
        ApiKey.TxnOffsetCommit => Commit(call.Read<TxnOffsetCommitRequest>(), call.Version),
        _ => End(call.Read<EndTxnRequest>(), call.Version),
    };

    /// <summary>What the leader of a partition says to a transactional batch before it looks at it.</summary>
    public ErrorCode Check(string id, short version, FakePartition partition, ReadOnlyMemory<byte> records)
    {
        var batch = RecordBatchView.Read(records.Span);
        if (!batch.IsTransactional || !_states.TryGetValue(id, out var state) || state.ProducerId != batch.ProducerId)
            return ErrorCode.InvalidProducerIdMapping;
        if (batch.ProducerEpoch != state.Epoch)
            return ErrorCode.InvalidProducerEpoch;
        if (version >= 12)
            (state.IsOngoing, _) = (true, state.Partitions.Add(partition));
        return state.Partitions.Contains(partition) ? ErrorCode.None : ErrorCode.InvalidTxnState;
    }

    /// <summary>Aborts what is open and fences its producer, as the coordinator does after transaction.timeout.ms.</summary>
    public void TimeOut(string id) => Finish(_states[id], commit: false, bump: true);

    public static AddPartitionsToTxnResponse Answer(AddPartitionsToTxnRequest request, ErrorCode error) => new()
    {
        ResultsByTopicV3AndBelow = [.. request.V3AndBelowTopics.Select(topic => new AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult
        {
            Name = topic.Name,
            ResultsByPartition = [.. topic.Partitions.Select(index => new AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult
            {
                PartitionIndex = index,
                PartitionErrorCode = (short)error,
            })],
        })],
    };

    private static void Finish(State state, bool commit, bool bump)
    {
        if (bump)
            (state.Epoch, state.LastEpoch) = ((short)(state.Epoch + 1), state.Epoch);
        foreach (var partition in state.Partitions)
            partition.Mark(state.ProducerId, state.Epoch, commit);
        state.Partitions.Clear();
        state.Groups.Clear();
        state.IsOngoing = false;
        state.LastWasCommit = commit;
    }

    private InitProducerIdResponse Init(InitProducerIdRequest request)
    {
        if (!_states.TryGetValue(request.TransactionalId!, out var state))
            _states[request.TransactionalId!] = state = new State { ProducerId = ++_producerIds, Epoch = -1 };
        if (request.ProducerId >= 0 && (request.ProducerId != state.ProducerId || request.ProducerEpoch != state.Epoch))
            return new() { ErrorCode = (short)ErrorCode.ProducerFenced, ProducerEpoch = -1 };
        if (state.IsOngoing)
        {
            Finish(state, commit: false, bump: true);
            return new() { ErrorCode = (short)ErrorCode.ConcurrentTransactions, ProducerEpoch = -1 };
        }

        (state.LastEpoch, state.LastWasCommit) = (-1, null);
        return new() { ProducerId = state.ProducerId, ProducerEpoch = ++state.Epoch };
    }

    private AddPartitionsToTxnResponse Add(FakeCluster cluster, AddPartitionsToTxnRequest request)
    {
        var (state, error) = Find(request.V3AndBelowTransactionalId, request.V3AndBelowProducerId, request.V3AndBelowProducerEpoch);
        if (error == ErrorCode.None)
        {
            state.IsOngoing = true;
            foreach (var topic in request.V3AndBelowTopics)
            {
                foreach (var index in topic.Partitions)
                    state.Partitions.Add(cluster.Topics[topic.Name][index]);
            }
        }

        return Answer(request, error);
    }

    private AddOffsetsToTxnResponse AddGroup(AddOffsetsToTxnRequest request)
    {
        var (state, error) = Find(request.TransactionalId, request.ProducerId, request.ProducerEpoch);
        if (error == ErrorCode.None)
            (state.IsOngoing, _) = (true, state.Groups.Add(request.GroupId));
        return new() { ErrorCode = (short)error };
    }

    private TxnOffsetCommitResponse Commit(TxnOffsetCommitRequest request, short version)
    {
        var (state, error) = Find(request.TransactionalId, request.ProducerId, request.ProducerEpoch);
        if (error == ErrorCode.None && version >= 5)
            (state.IsOngoing, _) = (true, state.Groups.Add(request.GroupId));
        if (error == ErrorCode.None && !state.Groups.Contains(request.GroupId))
            error = ErrorCode.InvalidTxnState;
        return new()
        {
            Topics = [.. request.Topics.Select(topic => new TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition =>
                {
                    if (error == ErrorCode.None)
                        state.Pending[(request.GroupId, new(topic.Name, partition.PartitionIndex))] = partition.CommittedOffset;
                    return new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition
                    {
                        PartitionIndex = partition.PartitionIndex,
                        ErrorCode = (short)error,
                    };
                })],
            })],
        };
    }

    private EndTxnResponse End(EndTxnRequest request, short version)
    {
        if (!_states.TryGetValue(request.TransactionalId, out var state))
            return new() { ErrorCode = (short)ErrorCode.InvalidProducerIdMapping };
        var isRepetition = !state.IsOngoing && state.LastWasCommit == request.Committed
            && request.ProducerEpoch == (version >= 5 ? state.LastEpoch : state.Epoch);
        if (isRepetition)
            return new() { ProducerId = state.ProducerId, ProducerEpoch = state.Epoch };
        var (_, error) = Find(request.TransactionalId, request.ProducerId, request.ProducerEpoch);
        if (error == ErrorCode.None && !state.IsOngoing && (request.Committed || version < 5))
            error = ErrorCode.InvalidTxnState;
        if (error != ErrorCode.None)
            return new() { ErrorCode = (short)error };
        if (request.Committed)
        {
            foreach (var (place, offset) in state.Pending)
                Offsets[place] = offset;
        }

        state.Pending.Clear();
        Finish(state, request.Committed, bump: version >= 5);
        return new() { ProducerId = state.ProducerId, ProducerEpoch = state.Epoch };
    }

    private (State State, ErrorCode Error) Find(string id, long producerId, short epoch)
    {
        if (!_states.TryGetValue(id, out var state) || state.ProducerId != producerId)
            return (new State(), ErrorCode.InvalidProducerIdMapping);
        return (state, epoch == state.Epoch ? ErrorCode.None : ErrorCode.ProducerFenced);
    }

    private sealed class State
    {
        public long ProducerId { get; init; }

        public short Epoch { get; set; }

        public short LastEpoch { get; set; } = -1;

        public bool IsOngoing { get; set; }

        public bool? LastWasCommit { get; set; }

        public HashSet<FakePartition> Partitions { get; } = [];

        public HashSet<string> Groups { get; } = [];

        public Dictionary<(string Group, TopicPartition Partition), long> Pending { get; } = [];
    }
}
