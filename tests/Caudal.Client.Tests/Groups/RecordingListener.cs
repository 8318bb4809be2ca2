using System.Collections.Concurrent;

namespace Caudal.Client.Tests.Groups;

/// <summary>Notes what it is told, and does what a test wants then.</summary>
internal sealed class RecordingListener : IRebalanceListener
{
    public ConcurrentQueue<string> Events { get; } = new();

    public Func<IReadOnlyList<TopicPartition>, Task> Assigned { get; set; } = _ => Task.CompletedTask;

    public Func<IReadOnlyList<TopicPartition>, Task> Revoked { get; set; } = _ => Task.CompletedTask;

    public async ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        await Assigned(partitions);
        Events.Enqueue($"assigned {string.Join(',', partitions)}");
    }

    public async ValueTask OnRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        await Revoked(partitions);
        Events.Enqueue($"revoked {string.Join(',', partitions)}");
    }

    public ValueTask OnLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Events.Enqueue($"lost {string.Join(',', partitions)}");
        return ValueTask.CompletedTask;
    }
}
