// DescribeLogDirs (35), versions 0-5.
// * One directory, or "memory" for a broker that keeps everything there; the sizes are those of the segments. Topics null: all.
// * Each node tells of the replicas that it holds; others are left out. Nothing lags, and nothing is cordoned.
// * Of memory no total is told (-1): its bounds are not the broker's own.
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Tells where the logs lie and how large they are.</summary>
internal sealed class DescribeLogDirsHandler(TopicRegistry topics, string? directory)
    : RequestHandler<DescribeLogDirsRequest, DescribeLogDirsResponse>
{
    /// <summary>What stands in for the directory of a broker that keeps everything in memory.</summary>
    public const string Memory = "memory";

    /// <inheritdoc/>
    protected override ValueTask<DescribeLogDirsResponse?> HandleAsync(RequestContext context, DescribeLogDirsRequest request, Reply reply)
    {
        var described = request.Topics is { } asked
            ? asked.Select(topic => Describe(context, topics.TryGet(topic.Topic, out var found) ? found : null, topic.Partitions))
            : topics.All.OrderBy(static topic => topic.Name, StringComparer.Ordinal).Select(topic => Describe(context, topic, null));
        var (total, usable) = Space();
        return new(new DescribeLogDirsResponse
        {
            Results =
            [
                new()
                {
                    LogDir = directory is null ? Memory : Path.GetFullPath(directory),
                    Topics = [.. described.Where(static topic => topic is not null).Select(static topic => topic!)],
                    TotalBytes = total,
                    UsableBytes = usable,
                },
            ],
        });
    }

    private static DescribeLogDirsResponse.DescribeLogDirsTopic? Describe(RequestContext context, Topic? topic, int[]? partitions)
    {
        if (topic is null)
            return null;
        var logs = topic.Partitions;
        var described = new List<DescribeLogDirsResponse.DescribeLogDirsPartition>(partitions?.Length ?? logs.Length);
        foreach (var number in partitions ?? Enumerable.Range(0, logs.Length))
        {
            if ((uint)number < (uint)logs.Length && topic.Placement(number).Replicas.Contains(context.NodeId))
                described.Add(new() { PartitionIndex = number, PartitionSize = logs[number].SizeInBytes });
        }

        return described.Count == 0 ? null : new() { Name = topic.Name, Partitions = [.. described] };
    }

    private (long Total, long Usable) Space()
    {
        if (directory is null)
            return (-1, -1);
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(directory));
            return (drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (-1, -1);
        }
    }
}
