namespace Caudal.Client;

/// <summary>Divides the partitions of a group among its members: implement it to bring a strategy of your own.</summary>
/// <remarks>
/// All members of a group must offer an assignor of the same name; the coordinator picks the one that most members prefer, and the group's
/// leader runs it. Members may be written in other languages: the name and the user data are what they share. Implementations keep no
/// state, one instance may serve many consumers; they must not block.
/// </remarks>
public interface IGroupAssignor
{
    /// <summary>The name under which members agree on the strategy, e.g. <c>range</c>.</summary>
    string Name { get; }

    /// <summary>How members give partitions up when the group is rebalanced.</summary>
    /// <value>Default <see cref="GroupRebalanceProtocol.Eager"/>.</value>
    GroupRebalanceProtocol RebalanceProtocol => GroupRebalanceProtocol.Eager;

    /// <summary>What this member tells the leader with its subscription, in a format of the strategy's own.</summary>
    /// <param name="member">The member that joins, with what it had been assigned last.</param>
    /// <returns>The bytes, or null for none.</returns>
    byte[]? GetUserData(MemberState member) => null;

    /// <summary>
    /// Runs on the group's leader: gives every partition to at most one member that subscribes to its topic. A cooperative strategy must
    /// not
    /// give a partition to one member while another still owns it: it leaves it out until that one has given it up.
    /// </summary>
    /// <param name="group">The members and the partitions of their topics.</param>
    /// <returns>The partitions of each member id; members that are left out get none.</returns>
    IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(GroupState group);
}

/// <summary>How members give partitions up when a group is rebalanced (KIP-429).</summary>
public enum GroupRebalanceProtocol
{
    /// <summary>Every member gives up everything before it joins again.</summary>
    Eager,

    /// <summary>
    /// Members keep what they have and say so; what the leader takes from one is given up first and assigned to another in a further
    /// rebalance, which follows at once. A group is cooperative if all strategies that its members offer are.
    /// </summary>
    Cooperative,
}

/// <summary>What a member knows when it joins.</summary>
/// <param name="Topics">The topics that it subscribes to.</param>
/// <param name="PreviousPartitions">What it was assigned in the last generation that it took part in; empty at first.</param>
/// <param name="PreviousGeneration">That generation; −1 at first.</param>
public sealed record MemberState(
    IReadOnlyCollection<string> Topics, IReadOnlyCollection<TopicPartition> PreviousPartitions, int PreviousGeneration);

/// <summary>One member, as the leader sees it.</summary>
public sealed record GroupMember
{
    /// <summary>The id that the coordinator gave it.</summary>
    public required string MemberId { get; init; }

    /// <summary>Its id across restarts, if it is a static member.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>The topics that it subscribes to.</summary>
    public required IReadOnlyCollection<string> Topics { get; init; }

    /// <summary>What <see cref="IGroupAssignor.GetUserData"/> returned there; null for none.</summary>
    public ReadOnlyMemory<byte>? UserData { get; init; }

    /// <summary>The partitions that it did not give up before it joined: none under the eager protocol.</summary>
    public IReadOnlyCollection<TopicPartition> OwnedPartitions { get; init; } = [];

    /// <summary>The generation in which <see cref="OwnedPartitions"/> were assigned; −1 if not told.</summary>
    public int OwnedGeneration { get; init; } = -1;

    /// <summary>The rack that it stands in; null if not known.</summary>
    public string? Rack { get; init; }
}

/// <summary>What the leader knows when it assigns.</summary>
/// <param name="Members">The members, each once.</param>
/// <param name="PartitionCounts">The number of partitions of every subscribed topic that exists.</param>
public sealed record GroupState(IReadOnlyList<GroupMember> Members, IReadOnlyDictionary<string, int> PartitionCounts);
