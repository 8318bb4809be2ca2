using Caudal.Protocol.Messages;

namespace Caudal.Client.Metadata;

/// <summary>
/// What the next request for metadata asks for, and who waits for it. Not thread safe: the cache's lock guards it until it is taken.
/// </summary>
internal sealed class MetadataRound
{
    // The topics by whether they may be created; a broker creates what one request asks for, so both kinds cannot share one.
    private readonly Dictionary<string, bool> _topics = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _all;

    public bool IsEmpty => !_all && _topics.Count == 0;

    public Task Done => _done.Task;

    /// <summary>Adds topics, or all known ones and the brokers.</summary>
    public void Add(IEnumerable<string>? topics, bool create)
    {
        if (topics is null)
            _all = true;
        foreach (var topic in topics ?? [])
            _topics[topic] = create || _topics.GetValueOrDefault(topic);
    }

    /// <summary>The one or two requests that answer all of it.</summary>
    public IEnumerable<MetadataRequest> Requests(ClusterSnapshot known)
    {
        if (_all)
        {
            foreach (var topic in known.Topics.Keys)
                _topics.TryAdd(topic, false);
        }

        var create = _topics.Where(topic => topic.Value).Select(topic => topic.Key).ToArray();
        var look = _topics.Where(topic => !topic.Value).Select(topic => topic.Key).ToArray();
        if (create.Length > 0)
            yield return Request(create, true);
        if (look.Length > 0 || create.Length == 0)
            yield return Request(look, false);
    }

    public void Succeed() => _done.TrySetResult();

    public void Fail(Exception error)
    {
        _done.TrySetException(error);
        // A refresh in the background has nobody who looks at its error.
        _ = _done.Task.Exception;
    }

    private static MetadataRequest Request(string[] topics, bool create) => new()
    {
        Topics = [.. topics.Select(topic => new MetadataRequest.MetadataRequestTopic { Name = topic })],
        AllowAutoTopicCreation = create,
    };
}
