using System.Security.Cryptography;
using Caudal.Broker.Answers;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Fetching;

/// <summary>
/// Remembers the fetch sessions of all clients (KIP-227): (0, 0) opens one, (id, −1) closes it, (0, −1) does without, (id, n) goes on.
/// </summary>
/// <remarks>
/// Thread safe. When all slots are taken, the session that was silent longest gives way if it was silent for two minutes, as in Kafka;
/// otherwise the client is told to do without (id 0), which is always legal.
/// </remarks>
internal sealed class FetchSessions(int maxSessions, TimeProvider time)
{
    private static readonly TimeSpan MinSilence = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, FetchSession> _sessions = [];

    /// <summary>How many sessions are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _sessions.Count;
        }
    }

    /// <summary>Finds out what a request reads.</summary>
    public FetchPlan Plan(FetchRequest request, short version)
    {
        lock (_lock)
        {
            switch (request.SessionEpoch)
            {
                case -1:
                    _sessions.Remove(request.SessionId);
                    return FetchPlan.Sessionless(FetchTargets.From(request));
                case 0:
                    _sessions.Remove(request.SessionId);
                    return Open_UnderLock(request, version);
                default:
                    return Continue_UnderLock(request, version);
            }
        }
    }

    /// <summary>The partitions of a session; none if there is no such session.</summary>
    public IEnumerable<NamedPartition> PartitionsOf(int sessionId)
    {
        FetchSession? session;
        lock (_lock)
            _sessions.TryGetValue(sessionId, out session);
        return session?.Targets().Select(t => new NamedPartition(t.Topic, t.TopicId, t.Partition)) ?? [];
    }

    private FetchPlan Open_UnderLock(FetchRequest request, short version)
    {
        if (!MakeRoom_UnderLock() || request.Topics.Length == 0)
            return FetchPlan.Sessionless(FetchTargets.From(request));
        int id;
        do
            id = RandomNumberGenerator.GetInt32(1, int.MaxValue);
        while (_sessions.ContainsKey(id));
        var session = new FetchSession(id, version >= 13) { LastUsed = time.GetTimestamp() };
        session.Update(request);
        _sessions[id] = session;
        return FetchPlan.Full(session, session.Targets());
    }

    private FetchPlan Continue_UnderLock(FetchRequest request, short version)
    {
        if (!_sessions.TryGetValue(request.SessionId, out var session))
            return FetchPlan.Refuse(ErrorCode.FetchSessionIdNotFound);
        if (session.UsesTopicIds != (version >= 13))
            return FetchPlan.Refuse(ErrorCode.FetchSessionTopicIdError);
        if (request.SessionEpoch != session.NextEpoch)
            return FetchPlan.Refuse(ErrorCode.InvalidFetchSessionEpoch);
        session.Update(request);
        session.LastUsed = time.GetTimestamp();
        if (session.IsEmpty)
        {
            _sessions.Remove(session.Id);
            return FetchPlan.Sessionless([]);
        }

        session.Advance();
        return FetchPlan.Incremental(session, session.Targets());
    }

    private bool MakeRoom_UnderLock()
    {
        if (_sessions.Count < maxSessions)
            return true;
        var oldest = _sessions.Values.MinBy(s => s.LastUsed);
        return oldest is not null && time.GetElapsedTime(oldest.LastUsed) >= MinSilence && _sessions.Remove(oldest.Id);
    }
}
