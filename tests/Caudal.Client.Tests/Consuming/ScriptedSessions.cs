using System.Collections.Concurrent;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Consuming;

/// <summary>
/// The broker's half of fetch sessions (KIP-227), for a <see cref="ScriptedCluster"/>: makes requests whole and answers short.
/// </summary>
internal sealed class ScriptedSessions
{
    private readonly ConcurrentDictionary<int, Session> _sessions = new();
    private int _lastId;

    /// <summary>How many sessions were started.</summary>
    public int Started => _lastId;

    /// <summary>How many partitions requests within sessions named.</summary>
    public int Named { get; private set; }

    /// <summary>Forgets all sessions, as a broker that is restarted does.</summary>
    public void Clear() => _sessions.Clear();

    /// <summary>Makes a request whole; false if its session is not known.</summary>
    public bool TryOpen(int node, FetchRequest request, out Session session)
    {
        if (request.SessionEpoch == 0)
        {
            _sessions.TryRemove(request.SessionId, out _);
            session = new Session(++_lastId);
            _sessions[session.Id] = session;
            session.Update(request);
            return true;
        }

        if (!_sessions.TryGetValue(request.SessionId, out session!))
            return false;
        Assert.Equal(session.Epoch, request.SessionEpoch);
        Named += request.Topics.Sum(t => t.Partitions.Length);
        session.Update(request);
        return true;
    }

    internal sealed class Session(int id)
    {
        private readonly Dictionary<(string Topic, Uuid Id, int Partition), FetchRequest.FetchPartition> _partitions = [];

        public int Id => id;

        public int Epoch { get; private set; }

        public void Update(FetchRequest request)
        {
            foreach (var topic in request.ForgottenTopicsData)
            {
                foreach (var partition in topic.Partitions)
                    Assert.True(_partitions.Remove((topic.Topic, topic.TopicId, partition)));
            }

            foreach (var topic in request.Topics)
            {
                foreach (var partition in topic.Partitions)
                    _partitions[(topic.Topic, topic.TopicId, partition.Partition)] = partition;
            }

            request.Topics = [.. _partitions.GroupBy(p => (p.Key.Topic, p.Key.Id)).Select(t => new FetchRequest.FetchTopic
            {
                Topic = t.Key.Topic,
                TopicId = t.Key.Id,
                Partitions = [.. t.Select(p => p.Value)],
            })];
        }

        /// <summary>Leaves out what has no news.</summary>
        public void Reduce(FetchResponse response)
        {
            response.SessionId = id;
            if (Epoch++ == 0)
                return;
            foreach (var topic in response.Responses)
                topic.Partitions = [.. topic.Partitions.Where(p => p.ErrorCode != 0 || p.Records is { Length: > 0 })];
            response.Responses = [.. response.Responses.Where(t => t.Partitions.Length > 0)];
        }
    }
}
