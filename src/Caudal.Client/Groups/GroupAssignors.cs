using Caudal.Client.Groups;

namespace Caudal.Client;

/// <summary>The strategies that come with the client. All of them work in one group with Java's and librdkafka's members.</summary>
public static class GroupAssignors
{
    /// <summary>
    /// Java's <c>range</c>: neighbouring partitions of each topic to the same member, so that topics with as many partitions are assigned
    /// alike.
    /// </summary>
    public static IGroupAssignor Range { get; } = new RangeAssignor();

    /// <summary>Java's <c>roundrobin</c>: all partitions of all topics dealt out in turn.</summary>
    public static IGroupAssignor RoundRobin { get; } = new RoundRobinAssignor();

    /// <summary>Java's <c>sticky</c> (KIP-54): as even as possible, and then as few moves as possible.</summary>
    public static IGroupAssignor Sticky { get; } = new StickyAssignor();

    /// <summary>
    /// Java's and librdkafka's <c>cooperative-sticky</c> (KIP-429): sticky, and nobody gives up what stays his: consuming goes on while the
    /// group is rebalanced.
    /// </summary>
    public static IGroupAssignor CooperativeSticky { get; } = new CooperativeStickyAssignor();

    /// <summary>Finds strategies by Kafka's names, or by the class names that Java's <c>partition.assignment.strategy</c> takes.</summary>
    /// <param name="name">E.g. <c>range</c>, or <c>org.apache.kafka.clients.consumer.RangeAssignor</c>.</param>
    /// <returns>The strategy, or null if there is none of that name.</returns>
    public static IGroupAssignor? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name[(name.LastIndexOf('.') + 1)..] switch
        {
            "range" or nameof(RangeAssignor) => Range,
            "roundrobin" or nameof(RoundRobinAssignor) => RoundRobin,
            "sticky" or nameof(StickyAssignor) => Sticky,
            "cooperative-sticky" or nameof(CooperativeStickyAssignor) => CooperativeSticky,
            _ => null,
        };
    }
}
