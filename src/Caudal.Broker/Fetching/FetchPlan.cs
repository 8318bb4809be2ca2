using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Fetching;

/// <summary>What one fetch request reads, and how its answer is put together.</summary>
internal sealed class FetchPlan
{
    private readonly FetchSession? _session;
    private readonly bool _omitsUnchanged;

    private FetchPlan(FetchTarget[] targets, FetchSession? session, bool omitsUnchanged)
    {
        Targets = targets;
        _session = session;
        _omitsUnchanged = omitsUnchanged;
    }

    /// <summary>What is wrong with the request as a whole.</summary>
    public ErrorCode Error { get; private init; }

    /// <summary>The partitions to read, in their order; those of one topic need not lie together.</summary>
    public FetchTarget[] Targets { get; }

    /// <summary>A request that is refused.</summary>
    public static FetchPlan Refuse(ErrorCode error) => new([], null, false) { Error = error };

    /// <summary>A request without a session.</summary>
    public static FetchPlan Sessionless(FetchTarget[] targets) => new(targets, null, false);

    /// <summary>A request that starts a session: everything is answered.</summary>
    public static FetchPlan Full(FetchSession session, FetchTarget[] targets) => new(targets, session, false);

    /// <summary>A request within a session: what did not change since the last answer is left out.</summary>
    public static FetchPlan Incremental(FetchSession session, FetchTarget[] targets) => new(targets, session, true);

    /// <summary>Puts the answer together from what was read for each of the <see cref="Targets"/>.</summary>
    public FetchResponse Answer(FetchResponse.PartitionData[] data)
    {
        var kept = _session?.Remember(Targets, data, _omitsUnchanged);
        return new FetchResponse { SessionId = _session?.Id ?? 0, Responses = Group(data, kept) };
    }

    // Partitions of one topic that follow each other become one entry, as they do in Kafka; a topic may have several entries.
    private FetchResponse.FetchableTopicResponse[] Group(FetchResponse.PartitionData[] data, bool[]? kept)
    {
        var topics = new List<FetchResponse.FetchableTopicResponse>();
        var start = 0;
        while (start < data.Length)
        {
            var end = start + 1;
            while (end < data.Length && Targets[end].TopicId == Targets[start].TopicId && Targets[end].Topic == Targets[start].Topic)
                end++;
            var partitions = kept is null
                ? data[start..end]
                : [.. Enumerable.Range(start, end - start).Where(i => kept[i]).Select(i => data[i])];
            if (partitions.Length > 0)
                topics.Add(new() { Topic = Targets[start].Topic, TopicId = Targets[start].TopicId, Partitions = partitions });
            start = end;
        }

        return [.. topics];
    }
}
