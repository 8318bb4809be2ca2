namespace Caudal.Client;

/// <summary>A group and its members.</summary>
/// <param name="GroupId">The group's name.</param>
/// <param name="State">Kafka's name of the state, e.g. <c>Stable</c>, <c>Empty</c>, <c>Dead</c> (there is no such group).</param>
/// <param name="ProtocolType"><c>consumer</c> for consumers.</param>
/// <param name="Assignor">The strategy that the group uses, e.g. <c>range</c>.</param>
/// <param name="CoordinatorId">The broker that coordinates it.</param>
/// <param name="Members">The members.</param>
public sealed record GroupDescription(
    string GroupId,
    string State,
    string ProtocolType,
    string Assignor,
    int CoordinatorId,
    IReadOnlyList<GroupMemberDescription> Members);

/// <summary>A member of a group.</summary>
/// <param name="MemberId">The id that the coordinator gave it.</param>
/// <param name="GroupInstanceId">The id that it keeps over restarts, or null.</param>
/// <param name="ClientId">Its <c>client.id</c>.</param>
/// <param name="Host">Where it connects from.</param>
/// <param name="Assignment">Its partitions.</param>
public sealed record GroupMemberDescription(
    string MemberId,
    string? GroupInstanceId,
    string ClientId,
    string Host,
    IReadOnlyList<TopicPartition> Assignment);
