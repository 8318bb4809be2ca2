using Caudal.Client.Connections;
using Caudal.Client.Groups;
using Caudal.Protocol;
using Caudal.Transport;

namespace Caudal.Client.Consuming;

/// <summary>Questions about offsets that do not touch the consumer's own positions.</summary>
internal sealed class OffsetQueries(KafkaClient client, ConsumerOptions options)
{
    public async ValueTask<IReadOnlyDictionary<TopicPartition, OffsetAndMetadata>> CommittedAsync(
        IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        if (options.GroupId is not { } group)
            throw new InvalidOperationException("Committed offsets belong to a group: set group.id.");
        return await new GroupOffsets(client, group).FetchAsync(partitions, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyDictionary<TopicPartition, long>> OffsetsAsync(
        IReadOnlyCollection<TopicPartition> partitions, long timestamp, CancellationToken cancellationToken)
    {
        var answers = await AskAsync(partitions.Distinct().ToDictionary(p => p, _ => timestamp), cancellationToken).ConfigureAwait(false);
        return answers.ToDictionary(a => a.Key, a => a.Value.Offset);
    }

    public async ValueTask<IReadOnlyDictionary<TopicPartition, OffsetAndTimestamp>> OffsetsForTimesAsync(
        IReadOnlyDictionary<TopicPartition, DateTimeOffset> times, CancellationToken cancellationToken)
    {
        var answers = await AskAsync(times.ToDictionary(t => t.Key, t => Math.Max(t.Value.ToUnixTimeMilliseconds(), 0)), cancellationToken)
            .ConfigureAwait(false);
        return answers.Where(a => a.Value.Offset >= 0)
            .ToDictionary(a => a.Key,
                a => new OffsetAndTimestamp(a.Value.Offset, DateTimeOffset.FromUnixTimeMilliseconds(a.Value.Timestamp)));
    }

    private async ValueTask<Dictionary<TopicPartition, ListOffsets.Answer>> AskAsync(
        Dictionary<TopicPartition, long> wanted, CancellationToken cancellationToken)
    {
        var clock = client.Options.TimeProvider;
        var backoff = new ExponentialBackoff(client.Options.RetryBackoff, client.Options.RetryBackoffMax);
        using var expired = new CancellationTokenSource(client.Options.ApiTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        var result = new Dictionary<TopicPartition, ListOffsets.Answer>();
        KafkaException? last = null;
        try
        {
            for (var failures = 1; ; failures++)
            {
                last = await TryAskAsync(wanted, result, refresh: failures > 1, either.Token).ConfigureAwait(false);
                if (result.Count == wanted.Count)
                    return result;
                if (last is { IsRetriable: false })
                    throw last;
                await Task.Delay(backoff.After(failures), clock, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (expired.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new KafkaTimeoutException(
                $"Asking for offsets did not succeed within {client.Options.ApiTimeout.TotalMilliseconds:0} ms (default.api.timeout.ms). " +
                last?.Message,
                last);
        }
    }

    // Adds what could be found out; returns the last error.
    private async ValueTask<KafkaException?> TryAskAsync(
        Dictionary<TopicPartition, long> wanted, Dictionary<TopicPartition, ListOffsets.Answer> result, bool refresh,
        CancellationToken cancellationToken)
    {
        try
        {
            var left = wanted.Where(w => !result.ContainsKey(w.Key)).ToArray();
            var unknown = left.Where(
                w => refresh || client.Metadata.Current.Partition(w.Key.Topic, w.Key.Partition) is not { LeaderId: >= 0 }).ToArray();
            if (unknown.Length > 0)
                await client.Metadata.RefreshAsync(unknown.Select(u => u.Key.Topic).Distinct(), cancellationToken).ConfigureAwait(false);
            var cluster = client.Metadata.Current;
            KafkaException? last = null;
            foreach (var leader in left.GroupBy(w => cluster.Partition(w.Key.Topic, w.Key.Partition)?.LeaderId ?? -1))
            {
                if (leader.Key < 0)
                {
                    last = NoLeader(leader.First().Key);
                    continue;
                }

                var answers = await ListOffsets.AskAsync(
                    client, leader.Key, [.. leader.Select(w => (w.Key, cluster.Partition(w.Key.Topic, w.Key.Partition)!.LeaderEpoch,
                        w.Value))], options, cancellationToken).ConfigureAwait(false);
                foreach (var (partition, answer) in answers)
                {
                    if (answer.Error == ErrorCode.None)
                        result[partition] = answer;
                    else
                        last = Refused(partition, answer.Error);
                }
            }

            return last;
        }
        catch (Exception e) when (e is ConnectionException or KafkaTimeoutException)
        {
            return (KafkaException)e;
        }
    }

    private BrokerErrorException NoLeader(TopicPartition partition)
    {
        var error = client.Metadata.Current.Topics.TryGetValue(partition.Topic, out var topic) && topic.Error == ErrorCode.None
            ? partition.Partition >= topic.Partitions.Length ? ErrorCode.UnknownTopicOrPartition : ErrorCode.LeaderNotAvailable
            : topic?.Error ?? ErrorCode.UnknownTopicOrPartition;
        return Refused(partition, error);
    }

    private static BrokerErrorException Refused(TopicPartition partition, ErrorCode error) =>
        new(error, $"Asking for offsets of {partition} failed", topic: partition.Topic, partition: partition.Partition);
}
