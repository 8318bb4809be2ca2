namespace Caudal.Client;

/// <summary>Which broker of the cluster a request goes to. Small and immutable; the default value is <see cref="Any"/>.</summary>
public readonly record struct BrokerTarget
{
    private BrokerTarget(BrokerTargetKind kind, string? name, int number)
    {
        Kind = kind;
        Name = name;
        Number = number;
    }

    /// <summary>Whichever broker can be reached, one with an open connection first.</summary>
    public static BrokerTarget Any => default;

    /// <summary>The broker that takes administrative changes.</summary>
    public static BrokerTarget Controller => new(BrokerTargetKind.Controller, null, -1);

    internal BrokerTargetKind Kind { get; }

    /// <summary>The topic, the group or the transactional id.</summary>
    internal string? Name { get; }

    /// <summary>The broker's id or the partition.</summary>
    internal int Number { get; }

    /// <summary>One broker by its id.</summary>
    public static BrokerTarget Node(int id) => new(BrokerTargetKind.Node, null, id);

    /// <summary>The broker that coordinates a group.</summary>
    public static BrokerTarget Coordinator(string group) => new(BrokerTargetKind.Coordinator, group, -1);

    /// <summary>The broker that coordinates a transactional id.</summary>
    public static BrokerTarget TransactionCoordinator(string transactionalId) =>
        new(BrokerTargetKind.TransactionCoordinator, transactionalId, -1);

    /// <summary>The broker that leads a partition.</summary>
    public static BrokerTarget Leader(string topic, int partition) => new(BrokerTargetKind.Leader, topic, partition);

    /// <summary>For logs and errors, e.g. <c>the coordinator of group 'g'</c>.</summary>
    public override string ToString() => Kind switch
    {
        BrokerTargetKind.Controller => "the controller",
        BrokerTargetKind.Node => $"broker {Number}",
        BrokerTargetKind.Coordinator => $"the coordinator of group '{Name}'",
        BrokerTargetKind.TransactionCoordinator => $"the coordinator of transactional id '{Name}'",
        BrokerTargetKind.Leader => $"the leader of {Name}-{Number}",
        _ => "any broker",
    };
}

internal enum BrokerTargetKind
{
    Any,
    Controller,
    Node,
    Coordinator,
    TransactionCoordinator,
    Leader,
}
