using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Consuming;

/// <summary>
/// The client's half of a fetch session (KIP-227): the broker remembers what is read, and a request only names what changed since the last.
/// </summary>
/// <remarks>Not thread safe: its link's turn guards it. A broker that gives no session gets whole requests.</remarks>
internal sealed class FetchSession
{
    private readonly Dictionary<TopicPartition, Known> _known = [];
    private bool _usesIds;

    private readonly record struct Known(long Offset, int LeaderEpoch, Uuid TopicId);

    /// <summary>The broker's number for the session; 0 for none.</summary>
    public int Id { get; private set; }

    /// <summary>The count of requests that the next one bears; 0 starts a session and ends the one of <see cref="Id"/>.</summary>
    public int Epoch { get; private set; }

    /// <summary>Puts into a request what the broker does not know yet of a plan.</summary>
    public FetchRequest Next(FetchPlan plan, ConsumerOptions options)
    {
        if (_usesIds != plan.HasAllIds)
            Restart();
        _usesIds = plan.HasAllIds;
        if (Epoch == 0)
            _known.Clear();
        var changed = new List<FetchPlan.Entry>(plan.Entries.Count);
        List<(TopicPartition Partition, Uuid TopicId)> forgotten = [];
        foreach (var entry in plan.Entries)
        {
            var now = new Known(entry.Offset, entry.LeaderEpoch, entry.TopicId);
            if (_known.TryGetValue(entry.Cursor.Partition, out var known) && known == now)
                continue;
            if (known.TopicId != Uuid.Zero && known.TopicId != now.TopicId)
                forgotten.Add((entry.Cursor.Partition, known.TopicId));
            _known[entry.Cursor.Partition] = now;
            changed.Add(entry);
        }

        if (_known.Count > plan.Entries.Count)
            Forget(plan, forgotten);
        var request = plan.ToRequest(changed, options);
        request.SessionId = Id;
        request.SessionEpoch = Epoch;
        request.ForgottenTopicsData = [.. forgotten.GroupBy(f => (f.Partition.Topic, f.TopicId)).Select(
            topic => new FetchRequest.ForgottenTopic
            {
                Topic = topic.Key.Topic,
                TopicId = topic.Key.TopicId,
                Partitions = [.. topic.Select(f => f.Partition.Partition)],
            })];
        return request;
    }

    /// <summary>Learns from a response how to go on.</summary>
    /// <returns>False if the broker does not go on with the session: the next request starts a new one, and nothing is wrong.</returns>
    public bool Accept(FetchResponse response)
    {
        switch ((ErrorCode)response.ErrorCode)
        {
            case ErrorCode.None when response.SessionId != 0 && (Epoch == 0 || response.SessionId == Id):
                Id = response.SessionId;
                Epoch = Epoch == int.MaxValue ? 1 : Epoch + 1;
                return true;
            case ErrorCode.None:
                Id = 0;
                Restart();
                return true;
            case ErrorCode.FetchSessionIdNotFound:
                Id = 0;
                Restart();
                return false;
            case ErrorCode.InvalidFetchSessionEpoch or ErrorCode.FetchSessionTopicIdError or ErrorCode.InconsistentTopicId
                or ErrorCode.UnknownTopicId:
                Restart();
                return false;
            default:
                Restart();
                return true;
        }
    }

    /// <summary>Starts anew with the next request; the broker drops the old session then.</summary>
    public void Restart() => Epoch = 0;

    private void Forget(FetchPlan plan, List<(TopicPartition Partition, Uuid TopicId)> forgotten)
    {
        foreach (var (partition, known) in _known)
        {
            if (!plan.Contains(partition))
                forgotten.Add((partition, known.TopicId));
        }

        foreach (var (partition, _) in forgotten)
        {
            if (!plan.Contains(partition))
                _known.Remove(partition);
        }
    }
}
