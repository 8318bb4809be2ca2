using Caudal.Broker.Network;
using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Storage;

namespace Caudal.Broker.Groups;

/// <content>TxnOffsetCommit: offsets that count when their producer's transaction is committed (KIP-98, KIP-447).</content>
/// <remarks>
/// Offsets of a transaction and its marker lie in the log in the order in which they were decided here. What they change is changed when
/// they are in the log, so the offsets wait, over a restart too, until the marker is.
/// </remarks>
internal sealed partial class GroupCoordinator
{
    // Under the gate: the groups in which a producer's open transaction has offsets, by partition of the log, for the marker to find.
    private readonly Dictionary<(int Partition, long ProducerId), HashSet<Group>> _transactions = [];
    private long _markerCount;

    /// <summary>
    /// How many transactions ended here: read it before a producer's transaction is looked up, and give it to
    /// <see cref="CommitAsync(RequestContext, TxnOffsetCommitRequest, long)"/>, as <see cref="PartitionLog.MarkerCount"/>.
    /// </summary>
    public long MarkerCount => Volatile.Read(ref _markerCount);

    /// <summary>The partition of <c>__consumer_offsets</c> that a group's offsets are in, and its transactions' markers.</summary>
    public PartitionKey OffsetsPartitionOf(string groupId) => new(_log.Topic, PartitionOf(groupId, _log.PartitionCount));

    /// <summary>Stores offsets that count when the transaction is committed. Whether it is open was looked up before.</summary>
    /// <param name="context">Who asks.</param>
    /// <param name="request">The offsets.</param>
    /// <param name="markerCount"><see cref="MarkerCount"/> before the transaction was looked up.</param>
    /// <returns>The answer; null if a transaction ended meanwhile, which may have been this one: look it up again.</returns>
    /// <exception cref="OperationCanceledException">The client went away; the offsets are stored all the same.</exception>
    public async ValueTask<TxnOffsetCommitResponse?> CommitAsync(
        RequestContext context, TxnOffsetCommitRequest request, long markerCount)
    {
        var accepted = new List<TransactionalCommit>();
        var topics = Array.ConvertAll(request.Topics, topic => Check(topic, accepted));
        if (StoreOffsets(request, accepted, markerCount) is not { } storing)
            return null;
        var error = await storing.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var commit in accepted)
            commit.Result.ErrorCode = (short)error;
        return new TxnOffsetCommitResponse { Topics = topics };
    }

    /// <summary>Ends a producer's transaction in a partition: appends the marker, then its offsets count or are dropped.</summary>
    public Task<ErrorCode> EndTransactionAsync(int partition, TransactionMarker marker)
    {
        var done = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_isStopped)
                return Task.FromResult(ErrorCode.CoordinatorNotAvailable);
            Volatile.Write(ref _markerCount, _markerCount + 1);
            Write_UnderLock(partition, new StateBatch([]) { Marker = marker }, error =>
            {
                if (error == ErrorCode.None)
                    EndTransaction_UnderLock(partition, marker.ProducerId, marker.IsCommit);
                done.TrySetResult(error);
            });
        }

        return done.Task;
    }

    private void EndTransaction_UnderLock(int partition, long producerId, bool isCommit)
    {
        if (!_transactions.Remove((partition, producerId), out var groups))
            return;
        foreach (var group in groups)
            group.Offsets.EndTransaction(producerId, isCommit);
    }

    private HashSet<Group> GroupsOf_UnderLock(int partition, long producerId)
    {
        if (!_transactions.TryGetValue((partition, producerId), out var groups))
            _transactions[(partition, producerId)] = groups = [];
        return groups;
    }

    private TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic Check(
        TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic, List<TransactionalCommit> accepted)
    {
        var exists = _topics.TryGetTopic(topic.Name, out var id, out var partitionCount);
        var results = new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition[topic.Partitions.Length];
        for (var i = 0; i < results.Length; i++)
        {
            var partition = topic.Partitions[i];
            var error = !exists || (uint)partition.PartitionIndex >= (uint)partitionCount ? ErrorCode.UnknownTopicOrPartition
                : partition.CommittedMetadata?.Length > _options.MaxMetadataLength ? ErrorCode.OffsetMetadataTooLarge
                : ErrorCode.None;
            results[i] = new() { PartitionIndex = partition.PartitionIndex, ErrorCode = (short)error };
            if (error == ErrorCode.None)
                accepted.Add(new TransactionalCommit(new PartitionKey(topic.Name, partition.PartitionIndex), id, partition, results[i]));
        }

        return new() { Name = topic.Name, Partitions = results };
    }

    // Null if the look-up is out of date, else the error of all partitions that had none of their own.
    private Task<ErrorCode>? StoreOffsets(TxnOffsetCommitRequest request, List<TransactionalCommit> accepted, long markerCount)
    {
        lock (_gate)
        {
            if (_isStopped)
                return Task.FromResult(ErrorCode.CoordinatorNotAvailable);
            if (request.GroupId.Length == 0)
                return Task.FromResult(ErrorCode.InvalidGroupId);
            var partition = PartitionOf(request.GroupId, _log.PartitionCount);
            if (markerCount != _markerCount && !_transactions.ContainsKey((partition, request.ProducerId)))
                return null;
            if (!_groups.TryGetValue(request.GroupId, out var group))
            {
                if (request.GenerationId >= 0)
                    return Task.FromResult(ErrorCode.IllegalGeneration);
                if (accepted.Count == 0)
                    return Task.FromResult(ErrorCode.None);
                group = GetOrCreate_UnderLock(request.GroupId);
            }

            if (CheckCommit(group, request) is var error and not ErrorCode.None)
                return Task.FromResult(error);
            if (group.Members.TryGetValue(request.MemberId, out var member))
                Touch_UnderLock(member);
            return accepted.Count == 0 ? Task.FromResult(ErrorCode.None) : Append_UnderLock(group, partition, request, accepted);
        }
    }

    // KIP-447: who names a generation must be a member of it, so that a zombie's offsets are refused even if its producer is not fenced.
    // Before it (version 2) nothing was named, and the generation is not checked. The state of the group does not matter: what was
    // processed in this generation may be committed while the next one is being prepared.
    private static ErrorCode CheckCommit(Group group, TxnOffsetCommitRequest request)
    {
        if (request.GenerationId < 0 && request.MemberId.Length == 0 && request.GroupInstanceId is null)
            return ErrorCode.None;
        if (request.GenerationId < 0 && group.State == GroupState.Empty)
            return ErrorCode.None;
        if (group.Check(request.MemberId, request.GroupInstanceId) is var error and not ErrorCode.None)
            return error;
        return request.GenerationId == group.Generation ? ErrorCode.None : ErrorCode.IllegalGeneration;
    }

    private Task<ErrorCode> Append_UnderLock(
        Group group, int partition, TxnOffsetCommitRequest request, List<TransactionalCommit> accepted)
    {
        var now = NowMs;
        var offsets = new CommittedOffset[accepted.Count];
        var records = new List<StateRecord>(offsets.Length);
        for (var i = 0; i < offsets.Length; i++)
        {
            var (key, topicId, asked, _) = accepted[i];
            offsets[i] = new CommittedOffset(
                asked.CommittedOffset, asked.CommittedLeaderEpoch, asked.CommittedMetadata ?? "", now, topicId)
            {
                Order = ++_order,
            };
            records.Add(OffsetsRecords.Commit(group.Id, key, offsets[i]));
            group.Offsets.Begin(key);
        }

        GroupsOf_UnderLock(partition, request.ProducerId).Add(group);
        var batch = new StateBatch(records) { Producer = new(request.ProducerId, request.ProducerEpoch, -1, IsTransactional: true) };
        var done = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        Write_UnderLock(partition, batch, error =>
        {
            for (var i = 0; i < offsets.Length; i++)
            {
                group.Offsets.End(accepted[i].Key, null);
                if (error == ErrorCode.None)
                    group.Offsets.SetTransactional(request.ProducerId, accepted[i].Key, offsets[i]);
            }

            done.TrySetResult(error);
        });
        return done.Task;
    }

    // A partition that passed the checks which do not concern the group.
    private readonly record struct TransactionalCommit(
        PartitionKey Key,
        Uuid TopicId,
        TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition Asked,
        TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition Result);
}
