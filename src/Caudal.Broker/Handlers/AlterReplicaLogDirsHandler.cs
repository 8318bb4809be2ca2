// AlterReplicaLogDirs (34), versions 0-2.
// * There is one directory: a replica that is to go there is there already. Others are LOG_DIR_NOT_FOUND.
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Moves replicas to the directory in which they lie.</summary>
internal sealed class AlterReplicaLogDirsHandler(TopicRegistry topics, string? directory)
    : RequestHandler<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>
{
    private readonly string _directory = directory is null ? DescribeLogDirsHandler.Memory : Path.GetFullPath(directory);

    /// <inheritdoc/>
    protected override ValueTask<AlterReplicaLogDirsResponse?> HandleAsync(
        RequestContext context, AlterReplicaLogDirsRequest request, Reply reply) => new(new AlterReplicaLogDirsResponse
        {
            Results =
            [
                .. request.Dirs.SelectMany(dir => dir.Topics.Select(topic => new AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult
                {
                    TopicName = topic.Name,
                    Partitions = Array.ConvertAll(
                        topic.Partitions, partition => new AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult
                        {
                            PartitionIndex = partition,
                            ErrorCode = (short)Fault(dir.Path, topic.Name, partition),
                        }),
                })),
            ],
        });

    private ErrorCode Fault(string path, string topic, int partition) =>
        path != _directory ? ErrorCode.LogDirNotFound
        : topics.TryGet(topic, out var found) && found.Partition(partition) is not null ? ErrorCode.None
        : ErrorCode.ReplicaNotAvailable;
}
