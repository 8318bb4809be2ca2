using System.Collections.Concurrent;

namespace Caudal.Client.Consuming;

/// <summary>The links of one consumer: two for each broker, of which the second is connected only when there is use for it.</summary>
/// <remarks>
/// While the first waits at the broker for partitions that have nothing new, the second fetches those that the user has just made room
/// for, or sought in. Thread safe.
/// </remarks>
internal sealed class FetchLinks(KafkaClient client, ConsumerOptions options)
{
    /// <summary>How many fetches may be under way at one broker.</summary>
    public const int Lanes = 2;

    private readonly ConcurrentDictionary<(int Node, int Lane), FetchLink> _links = new();
    private volatile Exception? _aborted;

    public FetchLink Get(int nodeId, int lane)
    {
        var link = _links.GetOrAdd((nodeId, lane), key => new FetchLink(client, options, key.Node));
        if (_aborted is { } reason)
            link.Abort(reason);
        return link;
    }

    /// <summary>Cuts all connections; what is under way ends at once.</summary>
    public void Abort(Exception reason)
    {
        _aborted = reason;
        foreach (var link in _links.Values)
            link.Abort(reason);
    }
}
