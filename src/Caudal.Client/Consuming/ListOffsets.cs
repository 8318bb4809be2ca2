using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Consuming;

/// <summary>Asks leaders for offsets by time, once: who asks decides whether to ask again.</summary>
internal static class ListOffsets
{
    public const long Latest = -1;
    public const long Earliest = -2;

    /// <summary>What a leader said of a partition. <see cref="Offset"/> is −1 if there is no record at or after the time.</summary>
    internal readonly record struct Answer(ErrorCode Error, long Offset, long Timestamp, int LeaderEpoch);

    /// <summary>Asks one broker.</summary>
    /// <exception cref="KafkaException">The broker could not be asked.</exception>
    public static async ValueTask<Dictionary<TopicPartition, Answer>> AskAsync(
        KafkaClient client, int nodeId, IReadOnlyCollection<(TopicPartition Partition, int LeaderEpoch, long Timestamp)> wanted,
        ConsumerOptions options, CancellationToken cancellationToken)
    {
        var request = new ListOffsetsRequest
        {
            ReplicaId = -1,
            IsolationLevel = (sbyte)options.IsolationLevel,
            TimeoutMs = (int)client.Options.RequestTimeout.TotalMilliseconds,
            Topics = [.. wanted.GroupBy(w => w.Partition.Topic, StringComparer.Ordinal)
                .Select(topic => new ListOffsetsRequest.ListOffsetsTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(w => new ListOffsetsRequest.ListOffsetsPartition
                {
                    PartitionIndex = w.Partition.Partition,
                    CurrentLeaderEpoch = w.LeaderEpoch,
                    Timestamp = w.Timestamp,
                })],
            })],
        };
        var response = await BrokerCall.SendAsync<ListOffsetsRequest, ListOffsetsResponse>(client, nodeId, request, cancellationToken)
            .ConfigureAwait(false);
        var answers = new Dictionary<TopicPartition, Answer>();
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
                answers[new TopicPartition(topic.Name, partition.PartitionIndex)] = new Answer(
                    (ErrorCode)partition.ErrorCode, partition.Offset, partition.Timestamp, partition.LeaderEpoch);
        }

        return answers;
    }
}
