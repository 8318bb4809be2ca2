namespace Caudal.Broker;

/// <summary>Which requests a fault strikes, besides those of its API; everything that is null does not matter.</summary>
/// <example><code>
/// broker.Faults.Fail(ApiKey.Produce, ErrorCode.NotEnoughReplicas, scope: new FaultScope { Topic = "orders", Partition = 2 });
/// </code></example>
public sealed record FaultScope
{
    /// <summary>The topic that the request is about.</summary>
    /// <value>Null by default: any, or none.</value>
    public string? Topic { get; init; }

    /// <summary>The partition of <see cref="Topic"/>. Of the APIs that name partitions only the entry of this one is struck by an error
    /// where that is possible: the APIs that a partition's leader serves.</summary>
    /// <value>Null by default: any.</value>
    public int? Partition { get; init; }

    /// <summary>The id of the node that receives the request.</summary>
    /// <value>Null by default: any.</value>
    public int? NodeId { get; init; }

    /// <summary>The <c>client.id</c> of the client.</summary>
    /// <value>Null by default: any.</value>
    public string? ClientId { get; init; }
}
