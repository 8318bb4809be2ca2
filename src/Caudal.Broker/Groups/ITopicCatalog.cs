using System.Diagnostics.CodeAnalysis;
using Caudal.Protocol;

namespace Caudal.Broker.Groups;

/// <summary>
/// What the coordinator must know about topics: which exist, and their ids. Thread safe, and quick: it is asked under the coordinator's
/// lock.
/// </summary>
internal interface ITopicCatalog
{
    /// <summary>Finds a topic by name.</summary>
    bool TryGetTopic(string name, out Uuid id, out int partitions);

    /// <summary>Finds a topic's name by its id.</summary>
    bool TryGetName(Uuid id, [NotNullWhen(true)] out string? name);
}
