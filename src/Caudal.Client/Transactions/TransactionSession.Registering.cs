using Caudal.Client.Connections;
using Caudal.Client.Producing;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Transactions;

/// <content>Identities, partitions and offsets: what is said to coordinators before a transaction ends.</content>
internal sealed partial class TransactionSession
{
    // From version 4 on the request is for brokers.
    private const short LastClientVersion = 3;

    /// <summary>
    /// Whether a partition's batches may be sent now. If not, it is scheduled again when they may: without KIP-890 the coordinator has to
    /// know of it first.
    /// </summary>
    public bool Admits(PartitionQueue partition)
    {
        if (Volatile.Read(ref _current) is not { } transaction)
            return false;
        return transaction.Admit(partition, RegisterAsync);
    }

    /// <summary>Adds a consumer's offsets to the transaction: they are committed with it.</summary>
    public async ValueTask SendOffsetsAsync(
        OpenTransaction transaction,
        IReadOnlyCollection<TopicPartitionOffset> offsets,
        ConsumerGroupMetadata group,
        CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var stop = LinkStop(cancellationToken);
        try
        {
            transaction.ThrowIfNotOpen();
            if (offsets.Count == 0)
                return;
            if (transaction.NeedsGroup(group.GroupId))
            {
                await AddGroupAsync(transaction, group.GroupId, stop.Token).ConfigureAwait(false);
                transaction.GroupRegistered(group.GroupId);
            }

            await CommitOffsetsAsync(transaction, offsets, group, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsClosed(cancellationToken))
        {
            throw Closed();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask GetIdentityAsync(CancellationToken cancellationToken)
    {
        var known = Identity;
        var (response, error) = await _requests.AskAsync<InitProducerIdRequest, InitProducerIdResponse>(
            Coordinator,
            _ => new InitProducerIdRequest
            {
                TransactionalId = Id,
                TransactionTimeoutMs = (int)_accumulator.Options.TransactionTimeout.TotalMilliseconds,
                ProducerId = known.Id,
                ProducerEpoch = known.Epoch,
            },
            short.MaxValue,
            static answer => (ErrorCode)answer.ErrorCode,
            $"Getting an id for producer '{Id}'",
            Limit,
            cancellationToken).ConfigureAwait(false);
        if (error != ErrorCode.None)
        {
            var failure = new BrokerErrorException(error, $"Getting an id for producer '{Id}' failed");
            var verdict = TransactionErrors.OfCoordinator(error) == TransactionVerdict.Fenced
                ? TransactionVerdict.Fenced
                : TransactionVerdict.Fatal;
            var exception = TransactionErrors.Of(Id, verdict, failure);
            lock (_lock)
                _fatal ??= exception;
            throw exception;
        }

        Identity = new ProducerIdentity(response.ProducerId, response.ProducerEpoch);
        _needsIdentity = false;
        Log.Identified(_logger, Id, response.ProducerId, response.ProducerEpoch);
    }

    private async Task RegisterAsync(OpenTransaction transaction)
    {
        // The caller holds a partition's lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var stopped = transaction.Stopped;
        using var stop = LinkStop(stopped);
        try
        {
            while (transaction.Pending() is { Length: > 0 } partitions)
            {
                var error = await AddPartitionsAsync(partitions, stop.Token).ConfigureAwait(false);
                if (error is not null)
                {
                    var verdict = TransactionErrors.OfCoordinator(error.Code);
                    Fail(transaction, TransactionErrors.Of(Id, verdict, error), verdict == TransactionVerdict.AbortWithNewEpoch);
                    continue;
                }

                transaction.Registered(partitions);
                foreach (var partition in partitions)
                    partition.Reschedule();
            }
        }
        catch (OperationCanceledException)
        {
            // The transaction failed or is being aborted, or the producer was closed.
        }
        catch (Exception e)
        {
            var error = e as KafkaException ?? new KafkaException($"Partitions could not be added to a transaction: {e.Message}", e);
            Fail(transaction, TransactionErrors.Of(Id, TransactionVerdict.Fatal, error), newEpoch: true);
        }
    }

    private async ValueTask<BrokerErrorException?> AddPartitionsAsync(PartitionQueue[] partitions, CancellationToken cancellationToken)
    {
        var identity = Identity;
        var request = new AddPartitionsToTxnRequest
        {
            V3AndBelowTransactionalId = Id,
            V3AndBelowProducerId = identity.Id,
            V3AndBelowProducerEpoch = identity.Epoch,
            V3AndBelowTopics = [.. partitions.GroupBy(partition => partition.Topic.Name, StringComparer.Ordinal).Select(
                topic => new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(partition => partition.Index)],
                })],
        };
        var where = (Topic: "", Partition: -1);
        var (_, error) = await _requests.AskAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
            Coordinator,
            _ => request,
            LastClientVersion,
            response => Worst(response, out where),
            $"Adding partitions to the transaction of '{Id}'",
            Timeout.InfiniteTimeSpan,
            cancellationToken).ConfigureAwait(false);
        return error == ErrorCode.None
            ? null
            : new BrokerErrorException(
                error,
                $"Adding {where.Topic}-{where.Partition} to the transaction of '{Id}' failed",
                topic: where.Topic,
                partition: where.Partition);
    }

    // An error that waiting does not heal goes first. Partitions beside one that was refused are not tried (OPERATION_NOT_ATTEMPTED).
    private static ErrorCode Worst(AddPartitionsToTxnResponse response, out (string Topic, int Partition) where)
    {
        var worst = ErrorCode.None;
        where = ("", -1);
        foreach (var topic in response.ResultsByTopicV3AndBelow)
        {
            foreach (var partition in topic.ResultsByPartition)
            {
                var error = (ErrorCode)partition.PartitionErrorCode;
                if (error == ErrorCode.None || (error == ErrorCode.OperationNotAttempted && worst != ErrorCode.None))
                    continue;
                if (worst != ErrorCode.None && worst != ErrorCode.OperationNotAttempted && (error.IsRetriable() || !worst.IsRetriable()))
                    continue;
                worst = error;
                where = (topic.Name, partition.PartitionIndex);
            }
        }

        return worst;
    }

    private async ValueTask AddGroupAsync(OpenTransaction transaction, string group, CancellationToken cancellationToken)
    {
        var identity = Identity;
        var what = $"Adding offsets of group '{group}' to the transaction of '{Id}'";
        var (_, error) = await _requests.AskAsync<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(
            Coordinator,
            _ => new AddOffsetsToTxnRequest
            {
                TransactionalId = Id,
                ProducerId = identity.Id,
                ProducerEpoch = identity.Epoch,
                GroupId = group,
            },
            short.MaxValue,
            static answer => (ErrorCode)answer.ErrorCode,
            what,
            Limit,
            cancellationToken).ConfigureAwait(false);
        ThrowIfRefused(transaction, error, what);
    }

    private async ValueTask CommitOffsetsAsync(
        OpenTransaction transaction,
        IReadOnlyCollection<TopicPartitionOffset> offsets,
        ConsumerGroupMetadata group,
        CancellationToken cancellationToken)
    {
        var identity = Identity;
        var what = $"Sending offsets of group '{group.GroupId}' in the transaction of '{Id}'";
        var request = new TxnOffsetCommitRequest
        {
            TransactionalId = Id,
            GroupId = group.GroupId,
            ProducerId = identity.Id,
            ProducerEpoch = identity.Epoch,
            GenerationId = group.GenerationId,
            MemberId = group.MemberId,
            GroupInstanceId = group.GroupInstanceId,
            Topics = [.. offsets.GroupBy(offset => offset.Topic, StringComparer.Ordinal).Select(
                topic => new TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(offset => new TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition
                    {
                        PartitionIndex = offset.Partition,
                        CommittedOffset = offset.Offset,
                        CommittedMetadata = "",
                    })],
                })],
        };
        var (_, error) = await _requests.AskAsync<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(
            (CoordinatorKind.Group, group.GroupId),
            _ => request,
            transaction.IsV2 ? short.MaxValue : LastFirstVersion,
            Worst,
            what,
            Limit,
            cancellationToken).ConfigureAwait(false);
        ThrowIfRefused(transaction, error, what);
    }

    private static ErrorCode Worst(TxnOffsetCommitResponse response)
    {
        var worst = ErrorCode.None;
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                var error = (ErrorCode)partition.ErrorCode;
                if (error != ErrorCode.None && (worst == ErrorCode.None || worst.IsRetriable()))
                    worst = error;
            }
        }

        return worst;
    }

    private void ThrowIfRefused(OpenTransaction transaction, ErrorCode error, string what)
    {
        if (error == ErrorCode.None)
            return;
        var verdict = TransactionErrors.OfCoordinator(error);
        var exception = TransactionErrors.Of(Id, verdict, new BrokerErrorException(error, $"{what} failed"));
        Fail(transaction, exception, verdict == TransactionVerdict.AbortWithNewEpoch);
        throw exception;
    }
}
