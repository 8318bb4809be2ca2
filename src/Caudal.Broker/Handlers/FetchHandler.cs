// Fetch (1), versions 4-18.
// * Waits for min.bytes over all partitions, at most max.wait; woken by appends. Anything wrong with a partition ends the wait at once.
// * Whole batches, the first being the one that holds the offset. The first batch of the first partition with data comes whole even if it
//   is larger than both limits; after it max.bytes (and the broker's fetch.max.bytes) and each partition's limit are obeyed.
// * An offset at the end is empty; beyond it or before the start: OFFSET_OUT_OF_RANGE with offsets -1.
// * A node that does not hold the partition answers NOT_LEADER_OR_FOLLOWER, one that does not lead it too before version 11. The leader
//   sends consumers to a replica in their rack if replica.selector.class says so (KIP-392).
// * Leader epochs: too old FENCED_LEADER_EPOCH, too new UNKNOWN_LEADER_EPOCH. The present leader is named in version 12 and
//   later, with its address in version 16 and later (KIP-951). A move of the leader ends the wait.
// * A diverging epoch of the last record fetched is answered with where it ends here (KIP-595).
// * Topics by id in version 13 and later: UNKNOWN_TOPIC_ID.
// * Sessions (KIP-227): see FetchSessions.
// * The record bytes are the log's own: linked into the frame and released when it has been sent.
using Caudal.Broker.Answers;
using Caudal.Broker.Configuration;
using Caudal.Broker.Fetching;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Storage;
using PartitionData = Caudal.Protocol.Messages.FetchResponse.PartitionData;

namespace Caudal.Broker.Handlers;

/// <summary>Reads batches from partitions.</summary>
internal sealed class FetchHandler(
    ClusterNodes nodes, TopicRegistry topics, FetchSessions sessions, ReplicaSelector replicas, ConfigStore configs, TimeProvider time)
    : RequestHandler<FetchRequest, FetchResponse>
{
    private readonly int _maxBytes = configs.GetInt32("fetch.max.bytes");

    /// <inheritdoc/>
    protected override async ValueTask<FetchResponse?> HandleAsync(RequestContext context, FetchRequest request, Reply reply)
    {
        var plan = sessions.Plan(request, context.ApiVersion);
        if (plan.Error != ErrorCode.None)
            return new FetchResponse { ErrorCode = (short)plan.Error };
        var targets = plan.Targets;
        Action<FetchTarget[]> resolve = context.ApiVersion >= 13
            ? asked => ResolveById(asked, request.RackId, context)
            : asked => ResolveByName(asked, request.RackId, context);
        resolve(targets);
        var committed = request.IsolationLevel == 1;
        if (request.MaxWaitMs > 0 && !FetchWait.IsSatisfied(targets, request.MinBytes, committed))
        {
            var maxWait = TimeSpan.FromMilliseconds(request.MaxWaitMs);
            await FetchWait.WaitAsync(
                targets, resolve, request.MinBytes, committed, maxWait, time, context.CancellationToken).ConfigureAwait(false);
        }

        var hints = new LeaderHints(nodes, context, since: 12);
        var data = Read(targets, request, ref hints, reply);
        context.Meter?.Fetched(data);
        var response = plan.Answer(data);
        response.NodeEndpoints = hints.ForFetch();
        return response;
    }

    /// <inheritdoc/>
    // Within a session a request names only what changes.
    protected override IEnumerable<NamedPartition> PartitionsOf(FetchRequest request) => request.SessionEpoch > 0
        ? base.PartitionsOf(request).Concat(sessions.PartitionsOf(request.SessionId))
        : base.PartitionsOf(request);

    private void ResolveById(FetchTarget[] targets, string rack, RequestContext context)
    {
        for (var i = 0; i < targets.Length; i++)
        {
            var topic = topics.TryGet(targets[i].TopicId, out var found) ? found : null;
            Resolve(ref targets[i], topic, ErrorCode.UnknownTopicId, rack, context);
        }
    }

    private void ResolveByName(FetchTarget[] targets, string rack, RequestContext context)
    {
        for (var i = 0; i < targets.Length; i++)
        {
            var topic = topics.TryGet(targets[i].Topic, out var found) ? found : null;
            Resolve(ref targets[i], topic, ErrorCode.UnknownTopicOrPartition, rack, context);
        }
    }

    private void Resolve(ref FetchTarget target, Topic? topic, ErrorCode missing, string rack, RequestContext context)
    {
        target.Resolved = topic;
        target.Log = topic?.Partition(target.Partition);
        target.Error = topic is null ? missing
            : target.Log is null ? ErrorCode.UnknownTopicOrPartition
            : ReplicaSelector.ServesFollowers(context) ? topic.CheckReplica(target.Partition, context, target.LeaderEpoch)
            : topic.CheckLeader(target.Partition, context, target.LeaderEpoch);
        target.PreferredReplica = target.Error == ErrorCode.None ? replicas.Preferred(topic!, target.Partition, rack, context) : -1;
    }

    private PartitionData[] Read(FetchTarget[] targets, FetchRequest request, ref LeaderHints hints, Reply reply)
    {
        var data = new PartitionData[targets.Length];
        var remaining = Math.Min(request.MaxBytes, _maxBytes);
        var isFirst = true;
        for (var i = 0; i < data.Length; i++)
        {
            data[i] = Read(targets[i], remaining, isFirst, request.IsolationLevel == 1, ref hints, reply);
            var length = data[i].Records?.Length ?? 0;
            remaining = Math.Max(0, remaining - length);
            isFirst &= length == 0;
        }

        return data;
    }

    private static PartitionData Read(
        in FetchTarget target, int remaining, bool isFirst, bool committed, ref LeaderHints hints, Reply reply)
    {
        if (target.Error != ErrorCode.None || target.Log is not { } log)
        {
            var failed = Failed(target, target.Error);
            if (target is { Resolved: { } topic, Log: not null })
            {
                var (leader, epoch) = hints.Of(topic, target.Partition);
                failed.CurrentLeader = new() { LeaderId = leader, LeaderEpoch = epoch };
            }

            return failed;
        }

        if (target.IsDiverging)
        {
            var (epoch, endOffset) = log.EndOffsetFor(target.LastFetchedEpoch);
            return new PartitionData
            {
                PartitionIndex = target.Partition,
                HighWatermark = log.HighWatermark,
                LastStableOffset = log.LastStableOffset,
                LogStartOffset = log.LogStartOffset,
                DivergingEpoch = new() { Epoch = epoch, EndOffset = endOffset },
                Records = ReadOnlyMemory<byte>.Empty,
            };
        }

        if (target.PreferredReplica >= 0)
            return Elsewhere(target, log);
        var bound = committed ? log.LastStableOffset : log.HighWatermark;
        var result = log.Read(target.Offset, Math.Min(Math.Max(target.MaxBytes, 0), remaining), isFirst, bound);
        if (result.Error != ErrorCode.None)
            return Failed(target, result.Error);
        if (result.Owner is { } owner)
            reply.Own(owner);
        IReadOnlyList<AbortedTransaction>? aborted = [];
        if (committed && (aborted = log.FindAborted(target.Offset, result.Records.Span)) is null)
            return Failed(target, target.Offset < log.LogStartOffset ? ErrorCode.OffsetOutOfRange : ErrorCode.KafkaStorageError);
        return new PartitionData
        {
            PartitionIndex = target.Partition,
            HighWatermark = result.HighWatermark,
            LastStableOffset = result.LastStableOffset,
            LogStartOffset = result.LogStartOffset,
            AbortedTransactions = committed ? [.. aborted.Select(Describe)] : null,
            Records = result.Records,
        };
    }

    private static FetchResponse.AbortedTransaction Describe(AbortedTransaction aborted) =>
        new() { ProducerId = aborted.ProducerId, FirstOffset = aborted.FirstOffset };

    private static PartitionData Elsewhere(in FetchTarget target, PartitionLog log) => new()
    {
        PartitionIndex = target.Partition,
        HighWatermark = log.HighWatermark,
        LastStableOffset = log.LastStableOffset,
        LogStartOffset = log.LogStartOffset,
        PreferredReadReplica = target.PreferredReplica,
        Records = ReadOnlyMemory<byte>.Empty,
    };

    private static PartitionData Failed(in FetchTarget target, ErrorCode error) => new()
    {
        PartitionIndex = target.Partition,
        ErrorCode = (short)error,
        HighWatermark = -1,
        LastStableOffset = -1,
        LogStartOffset = -1,
        Records = ReadOnlyMemory<byte>.Empty,
    };
}
