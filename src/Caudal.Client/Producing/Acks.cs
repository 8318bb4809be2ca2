namespace Caudal.Client;

/// <summary>When a broker acknowledges records.</summary>
public enum Acks
{
    /// <summary>Never: records count as delivered once they are handed to the connection. Offsets are −1.</summary>
    None = 0,

    /// <summary>When the leader has written them; a leader that fails right afterwards loses them.</summary>
    Leader = 1,

    /// <summary>When all replicas that are in step have written them.</summary>
    All = -1,
}
