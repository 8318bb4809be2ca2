using Caudal.Protocol;

namespace Caudal.Broker.Answers;

/// <summary>What can be said in answer to the requests of an API without serving them.</summary>
internal abstract class ErrorAnswer;

/// <summary>What can be said in answer to the requests of an API without serving them.</summary>
/// <param name="fail">Makes the answer that says an error, well-formed for the request in its version.</param>
/// <param name="throttle">Says in an answer how long the client is to wait, in ms.</param>
/// <param name="partitions">What a request is about; null for an API that is about no topics.</param>
internal sealed class ErrorAnswer<TRequest, TResponse>(
    Func<TRequest, short, ErrorCode, TResponse> fail,
    Action<TResponse, int> throttle,
    Func<TRequest, IEnumerable<NamedPartition>>? partitions = null) : ErrorAnswer
{
    /// <summary>Makes the answer that says an error, well-formed for the request in its version.</summary>
    public Func<TRequest, short, ErrorCode, TResponse> Fail { get; } = fail;

    /// <summary>Says in an answer how long the client is to wait, in ms.</summary>
    public Action<TResponse, int> Throttle { get; } = throttle;

    /// <summary>What a request is about.</summary>
    public Func<TRequest, IEnumerable<NamedPartition>> Partitions { get; } = partitions ?? (static _ => []);
}

/// <summary>A partition as a request names it.</summary>
/// <param name="Topic">The topic's name; empty if the request names its id.</param>
/// <param name="TopicId">The topic's id; zero if the request names it.</param>
/// <param name="Partition">The partition's number; −1 for the topic as a whole.</param>
internal readonly record struct NamedPartition(string Topic, Uuid TopicId, int Partition);
