namespace Caudal.Client;

/// <summary>What a client does when it can reach none of the brokers that it knows (KIP-899).</summary>
public enum MetadataRecovery
{
    /// <summary>It goes on trying those that it knows.</summary>
    None,

    /// <summary>It starts anew from the bootstrap list: the cluster may have moved as a whole.</summary>
    Rebootstrap,
}
