namespace Caudal.Client;

/// <summary>What an access rule is about.</summary>
public enum AclResourceType
{
    /// <summary>In filters: anything.</summary>
    Any = 1,

    /// <summary>A topic.</summary>
    Topic = 2,

    /// <summary>A group.</summary>
    Group = 3,

    /// <summary>The cluster; its name is <c>kafka-cluster</c>.</summary>
    Cluster = 4,

    /// <summary>A transactional id.</summary>
    TransactionalId = 5,

    /// <summary>A delegation token.</summary>
    DelegationToken = 6,

    /// <summary>A user.</summary>
    User = 7,
}

/// <summary>How the name of a rule matches names.</summary>
public enum AclPattern
{
    /// <summary>In filters: any kind.</summary>
    Any = 1,

    /// <summary>In filters: all rules that concern the name, whatever their kind.</summary>
    Match = 2,

    /// <summary>The same name; <c>*</c> is every name.</summary>
    Literal = 3,

    /// <summary>Names that begin so.</summary>
    Prefixed = 4,
}

/// <summary>What a rule allows or denies.</summary>
public enum AclOperation
{
    /// <summary>In filters: any.</summary>
    Any = 1,

    /// <summary>Everything.</summary>
    All = 2,

    /// <summary>Reading records, joining groups.</summary>
    Read = 3,

    /// <summary>Writing records.</summary>
    Write = 4,

    /// <summary>Creating.</summary>
    Create = 5,

    /// <summary>Deleting.</summary>
    Delete = 6,

    /// <summary>Changing.</summary>
    Alter = 7,

    /// <summary>Describing.</summary>
    Describe = 8,

    /// <summary>What brokers do among themselves.</summary>
    ClusterAction = 9,

    /// <summary>Describing settings.</summary>
    DescribeConfigs = 10,

    /// <summary>Changing settings.</summary>
    AlterConfigs = 11,

    /// <summary>Producing with idempotence, before Kafka 3.0.</summary>
    IdempotentWrite = 12,

    /// <summary>Creating tokens for others.</summary>
    CreateTokens = 13,

    /// <summary>Describing tokens of others.</summary>
    DescribeTokens = 14,

    /// <summary>Two-phase commit.</summary>
    TwoPhaseCommit = 15,
}

/// <summary>Whether a rule allows or denies. Denying wins.</summary>
public enum AclPermission
{
    /// <summary>In filters: either.</summary>
    Any = 1,

    /// <summary>It denies.</summary>
    Deny = 2,

    /// <summary>It allows.</summary>
    Allow = 3,
}

/// <summary>A rule of access.</summary>
/// <param name="ResourceType">What it is about.</param>
/// <param name="ResourceName">The name, or its beginning.</param>
/// <param name="Principal">For whom, e.g. <c>User:alice</c>; <c>User:*</c> is everybody.</param>
/// <param name="Operation">What.</param>
/// <param name="Permission">Allowed or denied.</param>
/// <param name="Pattern">How the name matches.</param>
/// <param name="Host">From where; <c>*</c> is anywhere.</param>
public sealed record AclBinding(
    AclResourceType ResourceType,
    string ResourceName,
    string Principal,
    AclOperation Operation,
    AclPermission Permission = AclPermission.Allow,
    AclPattern Pattern = AclPattern.Literal,
    string Host = "*");

/// <summary>Selects rules of access: those that agree in everything that is given.</summary>
/// <param name="ResourceType">What they are about.</param>
/// <param name="ResourceName">The name; null for any.</param>
/// <param name="Pattern">How the name matches.</param>
/// <param name="Principal">For whom; null for anybody.</param>
/// <param name="Host">From where; null for anywhere.</param>
/// <param name="Operation">What.</param>
/// <param name="Permission">Allowed or denied.</param>
public sealed record AclFilter(
    AclResourceType ResourceType = AclResourceType.Any,
    string? ResourceName = null,
    AclPattern Pattern = AclPattern.Any,
    string? Principal = null,
    string? Host = null,
    AclOperation Operation = AclOperation.Any,
    AclPermission Permission = AclPermission.Any);
