using Caudal.Client.Connections;
using Caudal.Client.Consuming;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Client.Groups;

/// <summary>Reads and writes a group's committed offsets at its coordinator. Thread safe.</summary>
internal sealed class GroupOffsets(KafkaClient client, string group)
{
    // Version 10 of both names topics by id and adds nothing else.
    private const short LastVersionWithNames = 9;

    private readonly ExponentialBackoff _backoff = new(client.Options.RetryBackoff, client.Options.RetryBackoffMax);

    public string Group => group;

    /// <summary>Reads committed offsets; partitions that have none are left out.</summary>
    /// <exception cref="BrokerErrorException">The coordinator refuses for good.</exception>
    /// <exception cref="KafkaTimeoutException">There was no good answer within <c>default.api.timeout.ms</c>.</exception>
    public async ValueTask<Dictionary<TopicPartition, OffsetAndMetadata>> FetchAsync(
        IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        var what = $"Reading the committed offsets of group '{group}'";
        var result = new Dictionary<TopicPartition, OffsetAndMetadata>();
        await RetryAsync(what, async token =>
        {
            var response = await SendAsync<OffsetFetchRequest, OffsetFetchResponse>(version => FetchRequest(version, partitions), token)
                .ConfigureAwait(false);
            result.Clear();
            return ReadOffsets(response, result);
        }, cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Writes offsets once.</summary>
    /// <returns>The coordinator's answer for each partition.</returns>
    /// <exception cref="KafkaException">The coordinator could not be asked.</exception>
    public async ValueTask<Dictionary<TopicPartition, ErrorCode>> CommitOnceAsync(
        IReadOnlyCollection<OffsetToCommit> offsets, MemberIdentity member, CancellationToken cancellationToken)
    {
        var request = new OffsetCommitRequest
        {
            GroupId = group,
            MemberId = member.MemberId,
            GenerationIdOrMemberEpoch = member.Generation,
            GroupInstanceId = member.InstanceId,
            Topics = [.. offsets.GroupBy(o => o.Topic, StringComparer.Ordinal)
                .Select(topic => new OffsetCommitRequest.OffsetCommitRequestTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(o => new OffsetCommitRequest.OffsetCommitRequestPartition
                {
                    PartitionIndex = o.Partition,
                    CommittedOffset = o.Offset,
                    CommittedLeaderEpoch = o.LeaderEpoch,
                    CommittedMetadata = o.Metadata,
                })],
            })],
        };
        var response = await SendAsync<OffsetCommitRequest, OffsetCommitResponse>(_ => request, cancellationToken).ConfigureAwait(false);
        var result = new Dictionary<TopicPartition, ErrorCode>();
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
                result[new TopicPartition(topic.Name, partition.PartitionIndex)] = (ErrorCode)partition.ErrorCode;
        }

        if (result.Values.Any(IsCoordinatorGone))
            client.Coordinators.Forget(group);
        return result;
    }

    /// <summary>Repeats an attempt until it succeeds.</summary>
    /// <param name="what">What is attempted, for errors: "Reading …".</param>
    /// <param name="attempt">
    /// One attempt; what it returns other than <see cref="ErrorCode.None"/> is thrown, or tried again if that helps.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask RetryAsync(
        string what, Func<CancellationToken, ValueTask<ErrorCode>> attempt, CancellationToken cancellationToken)
    {
        var clock = client.Options.TimeProvider;
        using var expired = new CancellationTokenSource(client.Options.ApiTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        KafkaException? last = null;
        for (var failures = 1; ; failures++)
        {
            try
            {
                var error = await attempt(either.Token).ConfigureAwait(false);
                if (error == ErrorCode.None)
                    return;
                last = new BrokerErrorException(error, $"{what} failed");
                if (!error.IsRetriable())
                    throw last;
                if (IsCoordinatorGone(error))
                    client.Coordinators.Forget(group);
            }
            catch (KafkaException e) when (e.IsRetriable)
            {
                last = e;
                client.Coordinators.Forget(group);
            }
            catch (OperationCanceledException) when (expired.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw Expired(what, last);
            }

            try
            {
                await Task.Delay(_backoff.After(failures), clock, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (expired.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw Expired(what, last);
            }
        }
    }

    public static bool IsCoordinatorGone(ErrorCode error) => error is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable;

    private KafkaTimeoutException Expired(string what, KafkaException? last) =>
        new($"{what} did not succeed within {client.Options.ApiTimeout.TotalMilliseconds:0} ms (default.api.timeout.ms). {last?.Message}",
            last);

    private async ValueTask<TResponse> SendAsync<TRequest, TResponse>(Func<short, TRequest> build, CancellationToken cancellationToken)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        try
        {
            var node = await client.Coordinators.FindAsync(group, cancellationToken).ConfigureAwait(false);
            var connection = await node.ConnectAsync(ConnectionPurpose.General, cancellationToken).ConfigureAwait(false);
            var version = connection.Versions.Choose<TRequest, TResponse>(LastVersionWithNames);
            return await connection.SendAsync<TRequest, TResponse>(build(version), version, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionException or KafkaTimeoutException)
        {
            client.Coordinators.Forget(group);
            throw;
        }
    }

    private OffsetFetchRequest FetchRequest(short version, IReadOnlyCollection<TopicPartition> partitions)
    {
        var topics = partitions.GroupBy(p => p.Topic, p => p.Partition, StringComparer.Ordinal);
        // Offsets behind which a transaction is open are waited for (KIP-447).
        var request = new OffsetFetchRequest { RequireStable = version >= 7 };
        if (version < 8)
        {
            request.GroupId = group;
            request.Topics = [.. topics.Select(
                t => new OffsetFetchRequest.OffsetFetchRequestTopic { Name = t.Key, PartitionIndexes = [.. t] })];
            return request;
        }

        request.Groups =
        [
            new OffsetFetchRequest.OffsetFetchRequestGroup
            {
                GroupId = group,
                Topics = [.. topics.Select(
                    t => new OffsetFetchRequest.OffsetFetchRequestTopics { Name = t.Key, PartitionIndexes = [.. t] })],
            },
        ];
        return request;
    }

    private static ErrorCode ReadOffsets(OffsetFetchResponse response, Dictionary<TopicPartition, OffsetAndMetadata> offsets)
    {
        var error = (ErrorCode)response.ErrorCode;
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
                error = Read(
                    topic.Name, partition.PartitionIndex, partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.Metadata,
                    partition.ErrorCode, error);
        }

        foreach (var group in response.Groups)
        {
            if (error == ErrorCode.None)
                error = (ErrorCode)group.ErrorCode;
            foreach (var topic in group.Topics)
            {
                foreach (var partition in topic.Partitions)
                    error = Read(
                        topic.Name, partition.PartitionIndex, partition.CommittedOffset, partition.CommittedLeaderEpoch,
                        partition.Metadata, partition.ErrorCode, error);
            }
        }

        return error;

        ErrorCode Read(string topic, int partition, long offset, int epoch, string? metadata, short code, ErrorCode before)
        {
            if (code == 0 && offset >= 0)
                offsets[new TopicPartition(topic, partition)] = new OffsetAndMetadata(offset, metadata ?? "", epoch < 0 ? null : epoch);
            return before != ErrorCode.None || (ErrorCode)code is ErrorCode.UnknownTopicOrPartition ? before : (ErrorCode)code;
        }
    }
}
