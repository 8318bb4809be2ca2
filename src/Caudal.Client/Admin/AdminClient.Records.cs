using Caudal.Client.Admin;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Deleting records.</content>
public sealed partial class AdminClient
{
    /// <summary>Deletes the records of partitions before an offset.</summary>
    /// <param name="offsets">The first offset of each partition to stay; −1 deletes everything that consumers can see.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The first offset that each partition has now, or its error, e.g. OFFSET_OUT_OF_RANGE.</returns>
    public ValueTask<IReadOnlyDictionary<TopicPartition, AdminResult<long>>> DeleteRecordsAsync(
        IReadOnlyDictionary<TopicPartition, long> offsets,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        var call = new ItemCall<TopicPartition, long>(_client, "Deleting records of", offsets.Keys);
        return call.RunAsync(
            async token =>
            {
                foreach (var (leader, group) in await ByLeaderAsync(call, token).ConfigureAwait(false))
                {
                    var request = new DeleteRecordsRequest
                    {
                        TimeoutMs = TimeoutMs,
                        Topics = [.. group.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(
                            topic => new DeleteRecordsRequest.DeleteRecordsTopic
                            {
                                Name = topic.Key,
                                Partitions = [.. topic.Select(p => new DeleteRecordsRequest.DeleteRecordsPartition
                                {
                                    PartitionIndex = p.Partition,
                                    Offset = offsets[p],
                                })],
                            })],
                    };
                    var response = await SendAsync<DeleteRecordsRequest, DeleteRecordsResponse>(
                        BrokerTarget.Node(leader), request, token).ConfigureAwait(false);
                    foreach (var topic in response.Topics)
                    {
                        foreach (var answer in topic.Partitions)
                        {
                            call.Settle(
                                new TopicPartition(topic.Name, answer.PartitionIndex), (ErrorCode)answer.ErrorCode, null,
                                () => answer.LowWatermark, topic.Name, answer.PartitionIndex);
                        }
                    }
                }
            },
            cancellationToken);
    }
}
