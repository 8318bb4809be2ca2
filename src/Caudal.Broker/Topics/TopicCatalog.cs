using System.Diagnostics.CodeAnalysis;
using Caudal.Broker.Groups;
using Caudal.Protocol;

namespace Caudal.Broker.Topics;

/// <summary>Shows the registry to the group coordinator.</summary>
internal sealed class TopicCatalog(TopicRegistry topics) : ITopicCatalog
{
    /// <inheritdoc/>
    public bool TryGetTopic(string name, out Uuid id, out int partitions)
    {
        if (topics.TryGet(name, out var topic))
        {
            (id, partitions) = (topic.Id, topic.Partitions.Length);
            return true;
        }

        (id, partitions) = (Uuid.Zero, 0);
        return false;
    }

    /// <inheritdoc/>
    public bool TryGetName(Uuid id, [NotNullWhen(true)] out string? name)
    {
        name = topics.TryGet(id, out var topic) ? topic.Name : null;
        return name is not null;
    }
}
