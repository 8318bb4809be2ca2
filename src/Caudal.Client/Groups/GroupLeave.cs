namespace Caudal.Client;

/// <summary>What a consumer that closes does about its membership in the group.</summary>
public enum GroupLeave
{
    /// <summary>Dynamic members leave; static members stay, because they are expected back within their session timeout.</summary>
    Default,

    /// <summary>The member leaves, static or not: its partitions go to others at once.</summary>
    Leave,

    /// <summary>The member stays until its session timeout: its partitions wait for it, and the group is not rebalanced.</summary>
    Remain,
}
