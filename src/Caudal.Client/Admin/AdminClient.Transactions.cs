using Caudal.Client.Admin;
using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Producers and transactions (KIP-664).</content>
public sealed partial class AdminClient
{
    private const sbyte TransactionKeyType = 1;

    /// <summary>Tells which producers have written to partitions, and which have a transaction open there.</summary>
    /// <returns>The producers of each partition.</returns>
    public ValueTask<IReadOnlyDictionary<TopicPartition, AdminResult<IReadOnlyList<ProducerDescription>>>> DescribeProducersAsync(
        IEnumerable<TopicPartition> partitions,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<TopicPartition, IReadOnlyList<ProducerDescription>>(_client, "Describing the producers of", partitions);
        return call.RunAsync(
            async token =>
            {
                foreach (var (leader, group) in await ByLeaderAsync(call, token).ConfigureAwait(false))
                {
                    var request = new DescribeProducersRequest
                    {
                        Topics = [.. group.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(
                            topic => new DescribeProducersRequest.TopicRequest
                            {
                                Name = topic.Key,
                                PartitionIndexes = [.. topic.Select(p => p.Partition)],
                            })],
                    };
                    var response = await SendAsync<DescribeProducersRequest, DescribeProducersResponse>(
                        BrokerTarget.Node(leader), request, token).ConfigureAwait(false);
                    foreach (var topic in response.Topics)
                    {
                        foreach (var answer in topic.Partitions)
                        {
                            call.Settle(
                                new TopicPartition(topic.Name, answer.PartitionIndex), (ErrorCode)answer.ErrorCode, answer.ErrorMessage,
                                () => [.. answer.ActiveProducers.Select(Describe)], topic.Name, answer.PartitionIndex);
                        }
                    }
                }
            },
            cancellationToken);
    }

    /// <summary>Lists the transactional ids that the brokers know, in the order of their names.</summary>
    /// <param name="states">Only those in these states; null for all.</param>
    /// <param name="longerThan">Only those whose transaction is open for longer (needs Kafka 3.8); null for all.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="BrokerErrorException">A broker refuses to tell.</exception>
    public async ValueTask<IReadOnlyList<TransactionListing>> ListTransactionsAsync(
        IEnumerable<string>? states = null,
        TimeSpan? longerThan = null,
        CancellationToken cancellationToken = default)
    {
        await _client.Metadata.RefreshAsync(null, cancellationToken).ConfigureAwait(false);
        var request = new ListTransactionsRequest
        {
            StateFilters = [.. states ?? []],
            ProducerIdFilters = [],
            DurationFilter = longerThan is { } duration ? (long)duration.TotalMilliseconds : -1,
        };
        var call = new ItemCall<int, List<TransactionListing>>(
            _client, "Listing the transactions of broker", _client.Metadata.Current.Brokers.Select(broker => broker.Id));
        var results = await call.RunAsync(
            async token =>
            {
                foreach (var broker in call.Left.ToArray())
                {
                    var response = await SendAsync<ListTransactionsRequest, ListTransactionsResponse>(
                        BrokerTarget.Node(broker), request, token).ConfigureAwait(false);
                    call.Settle(broker, (ErrorCode)response.ErrorCode, null, () => [.. response.TransactionStates.Select(
                        t => new TransactionListing(t.TransactionalId, t.ProducerId, t.TransactionState))]);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return [.. results.Values.SelectMany(r => r.GetOrThrow()).OrderBy(t => t.TransactionalId, StringComparer.Ordinal)];
    }

    /// <summary>Describes transactions.</summary>
    /// <returns>What became of each transactional id, e.g. TRANSACTIONAL_ID_NOT_FOUND.</returns>
    public ValueTask<IReadOnlyDictionary<string, AdminResult<TransactionDescription>>> DescribeTransactionsAsync(
        IEnumerable<string> transactionalIds,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<string, TransactionDescription>(_client, "Describing transaction", transactionalIds);
        return call.RunAsync(
            async token =>
            {
                foreach (var id in call.Left.ToArray())
                {
                    if (await FindTransactionCoordinatorAsync(call, id, token).ConfigureAwait(false) is not { } broker)
                        continue;
                    var response = await SendAsync<DescribeTransactionsRequest, DescribeTransactionsResponse>(
                        BrokerTarget.Node(broker), new DescribeTransactionsRequest { TransactionalIds = [id] }, token)
                        .ConfigureAwait(false);
                    foreach (var state in response.TransactionStates)
                        call.Settle(state.TransactionalId, (ErrorCode)state.ErrorCode, null, () => Describe(state, broker));
                }
            },
            cancellationToken);
    }

    /// <summary>
    /// Aborts a transaction that hangs: one that is open in a partition although its coordinator has forgotten it, so that readers of
    /// committed records wait behind it for ever. <see cref="DescribeProducersAsync"/> shows such producers.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="producer">The producer, as the partition describes it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="BrokerErrorException">The leader refuses, e.g. INVALID_PRODUCER_EPOCH because the transaction went on.</exception>
    public async ValueTask AbortTransactionAsync(
        TopicPartition partition,
        ProducerDescription producer,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(producer);
        var call = new ItemCall<TopicPartition, bool>(_client, "Aborting the transaction in", [partition]);
        var results = await call.RunAsync(
            async token =>
            {
                foreach (var (leader, _) in await ByLeaderAsync(call, token).ConfigureAwait(false))
                {
                    var request = new WriteTxnMarkersRequest
                    {
                        Markers =
                        [
                            new WriteTxnMarkersRequest.WritableTxnMarker
                            {
                                ProducerId = producer.ProducerId,
                                ProducerEpoch = checked((short)producer.ProducerEpoch),
                                TransactionResult = false,
                                CoordinatorEpoch = Math.Max(producer.CoordinatorEpoch, 0),
                                Topics =
                                [
                                    new WriteTxnMarkersRequest.WritableTxnMarkerTopic
                                    {
                                        Name = partition.Topic,
                                        PartitionIndexes = [partition.Partition],
                                    },
                                ],
                            },
                        ],
                    };
                    var response = await SendAsync<WriteTxnMarkersRequest, WriteTxnMarkersResponse>(
                        BrokerTarget.Node(leader), request, token).ConfigureAwait(false);
                    foreach (var answer in response.Markers.SelectMany(m => m.Topics).SelectMany(t => t.Partitions))
                        call.Settle(partition, (ErrorCode)answer.ErrorCode, null, () => true, partition.Topic, partition.Partition);
                }
            },
            cancellationToken).ConfigureAwait(false);
        results[partition].GetOrThrow();
    }

    // Null if the item was settled with an error, or is to be tried again.
    private async ValueTask<int?> FindTransactionCoordinatorAsync<T>(
        ItemCall<string, T> call, string id, CancellationToken cancellationToken)
    {
        var response = await _client.Router.SendAsync<FindCoordinatorRequest, FindCoordinatorResponse>(
            BrokerTarget.Any,
            version => version >= 4
                ? new FindCoordinatorRequest { KeyType = TransactionKeyType, CoordinatorKeys = [id] }
                : new FindCoordinatorRequest { KeyType = TransactionKeyType, Key = id },
            default,
            cancellationToken).ConfigureAwait(false);
        var (error, node, host, port) = response.Coordinators is [var found, ..]
            ? ((ErrorCode)found.ErrorCode, found.NodeId, found.Host, found.Port)
            : ((ErrorCode)response.ErrorCode, response.NodeId, response.Host, response.Port);
        if (error != ErrorCode.None)
        {
            call.Fail(id, error);
            return null;
        }

        _client.Pool.Learn(new BrokerAddress(node, host, port));
        return node;
    }

    private static ProducerDescription Describe(DescribeProducersResponse.ProducerState state) => new(
        state.ProducerId,
        state.ProducerEpoch,
        state.LastSequence,
        state.LastTimestamp < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(state.LastTimestamp),
        state.CoordinatorEpoch,
        state.CurrentTxnStartOffset < 0 ? null : state.CurrentTxnStartOffset);

    private static TransactionDescription Describe(DescribeTransactionsResponse.TransactionStateData state, int coordinator) => new(
        state.TransactionState,
        state.ProducerId,
        state.ProducerEpoch,
        TimeSpan.FromMilliseconds(state.TransactionTimeoutMs),
        state.TransactionStartTimeMs < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(state.TransactionStartTimeMs),
        [.. state.Topics.SelectMany(topic => topic.Partitions.Select(p => new TopicPartition(topic.Topic, p)))],
        coordinator);
}
