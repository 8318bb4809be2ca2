using Caudal.Broker.Answers;
using Caudal.Protocol;

namespace Caudal.Broker;

/// <summary>
/// Makes requests fail on purpose, for testing what clients do then: the next ones of an API get an error, are late, get lost, or lose
/// their connection.
/// </summary>
/// <remarks>
/// Thread safe. Faults add up: one that delays and one that fails make a late error. They hold for requests that arrive after them; without
/// any, requests pay nothing. Times are those of the broker's <see cref="EmbeddedBrokerOptions.TimeProvider"/>.
/// </remarks>
/// <example><code>
/// broker.Faults.Fail(ApiKey.Produce, ErrorCode.NotLeaderOrFollower, times: 2);
/// broker.Faults.Lose(ApiKey.OffsetCommit, FaultMoment.After);
/// using var slow = broker.Faults.Delay(ApiKey.Fetch, TimeSpan.FromSeconds(2), BrokerFaults.Always);
/// await slow.Struck;
/// </code></example>
public sealed class BrokerFaults
{
    /// <summary>As a number of times: until the fault is disposed or cleared.</summary>
    public const int Always = int.MaxValue;

    private readonly Lock _lock = new();
    private readonly Func<Uuid, string?> _nameOf;
    private volatile BrokerFault[]? _faults;

    internal BrokerFaults(TimeProvider time, Func<Uuid, string?> nameOf)
    {
        Time = time;
        _nameOf = nameOf;
    }

    /// <summary>The faults that still strike.</summary>
    public IReadOnlyList<BrokerFault> Active => _faults ?? [];

    internal TimeProvider Time { get; }

    // Null while there are none: all that a request looks at.
    internal BrokerFault[]? Current => _faults;

    /// <summary>Answers requests with an error instead of serving them.</summary>
    /// <remarks>
    /// Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, DeleteRecords and DescribeProducers get it for each partition in the scope, and
    /// the others are served. The other APIs get it as a whole if the request names the topic.
    /// </remarks>
    /// <param name="api">The API; null for all.</param>
    /// <param name="error">The error, other than None.</param>
    /// <param name="times">How many requests, at least 1.</param>
    /// <param name="scope">Which of the API's requests; all by default.</param>
    /// <exception cref="ArgumentException">The number or the error is none.</exception>
    public BrokerFault Fail(ApiKey? api, ErrorCode error, int times = 1, FaultScope? scope = null)
    {
        if (error == ErrorCode.None)
            throw new ArgumentException("None is no error to fail with.", nameof(error));
        return Add(api, times, scope, (owner, where, count) => new BrokerFault(owner, api, where, count) { Error = error });
    }

    /// <summary>Serves requests late. The connection waits with them, as in Kafka.</summary>
    /// <param name="api">The API; null for all.</param>
    /// <param name="delay">How long, more than zero.</param>
    /// <param name="times">How many requests, at least 1.</param>
    /// <param name="scope">Which of the API's requests; all by default.</param>
    /// <exception cref="ArgumentException">The number or the time is not positive.</exception>
    public BrokerFault Delay(ApiKey? api, TimeSpan delay, int times = 1, FaultScope? scope = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(delay, TimeSpan.Zero);
        return Add(api, times, scope, (owner, where, count) => new BrokerFault(owner, api, where, count) { Delay = delay });
    }

    /// <summary>
    /// Never answers requests. The connection stays open and answers nothing any more, as if the network swallowed everything: the client's
    /// request timeout ends it.
    /// </summary>
    /// <param name="api">The API; null for all.</param>
    /// <param name="moment">Whether the request still has its effect.</param>
    /// <param name="times">How many requests, at least 1.</param>
    /// <param name="scope">Which of the API's requests; all by default.</param>
    /// <exception cref="ArgumentException">The number is not positive.</exception>
    public BrokerFault Lose(ApiKey? api, FaultMoment moment, int times = 1, FaultScope? scope = null) =>
        Add(api, times, scope, (owner, where, count) => new BrokerFault(owner, api, where, count) { Lost = moment });

    /// <summary>Closes the connection instead of answering.</summary>
    /// <param name="api">The API; null for all.</param>
    /// <param name="moment">Whether the request still has its effect.</param>
    /// <param name="times">How many requests, at least 1.</param>
    /// <param name="scope">Which of the API's requests; all by default.</param>
    /// <exception cref="ArgumentException">The number is not positive.</exception>
    public BrokerFault Disconnect(ApiKey? api, FaultMoment moment, int times = 1, FaultScope? scope = null) =>
        Add(api, times, scope, (owner, where, count) => new BrokerFault(owner, api, where, count) { Cut = moment });

    /// <summary>
    /// Tells clients in the answers to wait, as brokers with quotas do, and reads nothing from the connection meanwhile (KIP-219).
    /// </summary>
    /// <param name="api">The API; null for all.</param>
    /// <param name="throttle">How long, at least 1 ms.</param>
    /// <param name="times">How many requests, at least 1.</param>
    /// <param name="scope">Which of the API's requests; all by default.</param>
    /// <exception cref="ArgumentException">The number or the time is not positive.</exception>
    public BrokerFault Throttle(ApiKey? api, TimeSpan throttle, int times = 1, FaultScope? scope = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(throttle, TimeSpan.FromMilliseconds(1));
        return Add(api, times, scope, (owner, where, count) => new BrokerFault(owner, api, where, count) { Throttle = throttle });
    }

    /// <summary>Ends all faults; requests that they delay already stay delayed.</summary>
    public void Clear()
    {
        lock (_lock)
            _faults = null;
    }

    internal void Remove(BrokerFault fault)
    {
        lock (_lock)
        {
            var left = Array.FindAll(_faults ?? [], other => other != fault);
            _faults = left.Length == 0 ? null : left;
        }
    }

    internal string? NameOf(in NamedPartition partition) => partition.Topic.Length > 0 ? partition.Topic : _nameOf(partition.TopicId);

    private BrokerFault Add(ApiKey? api, int times, FaultScope? scope, Func<BrokerFaults, FaultScope, int, BrokerFault> make)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        scope ??= new FaultScope();
        if (scope is { Partition: not null, Topic: null })
            throw new ArgumentException("The scope names a partition without a topic: set Topic as well.", nameof(scope));
        if (api is { } key && !ErrorAnswers.Keys.Contains(key))
            throw new ArgumentException($"The broker serves no API {key} that could fail.", nameof(api));
        var fault = make(this, scope, times);
        lock (_lock)
            _faults = [.. _faults ?? [], fault];
        return fault;
    }
}
