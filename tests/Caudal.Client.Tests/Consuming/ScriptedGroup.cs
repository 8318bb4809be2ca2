using System.Collections.Concurrent;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Consuming;

/// <summary>A coordinator of a <see cref="ScriptedCluster"/> for groups of one member, which is always its own leader.</summary>
internal sealed class ScriptedGroup
{
    private int _generation;
    private int _members;

    public ScriptedGroup(ScriptedCluster cluster)
    {
        cluster.On<FindCoordinatorRequest, FindCoordinatorResponse>((_, version, request) => Find(cluster, version, request));
        cluster.On<JoinGroupRequest, JoinGroupResponse>((_, version, request) => Join(version, request));
        cluster.On<SyncGroupRequest, SyncGroupResponse>((_, _, request) => new SyncGroupResponse
        {
            Assignment = Assignment ?? request.Assignments.FirstOrDefault(a => a.MemberId == request.MemberId)?.Assignment ?? [],
        });
        cluster.On<HeartbeatRequest, HeartbeatResponse>((_, _, request) => Beat(request));
        cluster.On<LeaveGroupRequest, LeaveGroupResponse>((_, _, request) =>
        {
            Left.Enqueue(request.Members.FirstOrDefault()?.MemberId ?? request.MemberId);
            return new LeaveGroupResponse();
        });
        cluster.On<OffsetCommitRequest, OffsetCommitResponse>((_, _, request) => Commit(request));
        cluster.On<OffsetFetchRequest, OffsetFetchResponse>((_, version, request) => Fetch(version, request));
    }

    public int Coordinator { get; set; }

    /// <summary>What the member gets; null for what its own strategy says.</summary>
    public byte[]? Assignment { get; set; }

    public ConcurrentDictionary<TopicPartition, long> Committed { get; } = new();

    public ConcurrentDictionary<TopicPartition, int> CommittedEpochs { get; } = new();

    public ConcurrentQueue<OffsetCommitRequest> Commits { get; } = new();

    public ConcurrentQueue<JoinGroupRequest> Joins { get; } = new();

    public ConcurrentQueue<string> Left { get; } = new();

    /// <summary>What the next heartbeats answer.</summary>
    public ConcurrentQueue<ErrorCode> Beats { get; } = new();

    public int BeatCount { get; private set; }

    /// <summary>What every commit of a partition answers, if it is not None.</summary>
    public ErrorCode CommitError { get; set; }

    private FindCoordinatorResponse Find(ScriptedCluster cluster, short version, FindCoordinatorRequest request)
    {
        var (host, port) = cluster.Address(Coordinator);
        return version < 4
            ? new FindCoordinatorResponse { NodeId = Coordinator, Host = host, Port = port }
            : new FindCoordinatorResponse
            {
                Coordinators = [new FindCoordinatorResponse.Coordinator
                {
                    Key = request.CoordinatorKeys[0],
                    NodeId = Coordinator,
                    Host = host,
                    Port = port,
                }],
            };
    }

    private JoinGroupResponse Join(short version, JoinGroupRequest request)
    {
        Joins.Enqueue(request);
        if (request.MemberId.Length == 0)
        {
            var id = $"member-{Interlocked.Increment(ref _members)}";
            if (version >= 4 && request.GroupInstanceId is null)
                return new JoinGroupResponse { ErrorCode = (short)ErrorCode.MemberIdRequired, MemberId = id, ProtocolName = "" };
            request.MemberId = id;
        }

        return new JoinGroupResponse
        {
            GenerationId = Interlocked.Increment(ref _generation),
            ProtocolType = "consumer",
            ProtocolName = request.Protocols[0].Name,
            Leader = request.MemberId,
            MemberId = request.MemberId,
            Members = [new JoinGroupResponse.JoinGroupResponseMember
            {
                MemberId = request.MemberId,
                Metadata = request.Protocols[0].Metadata,
            }],
        };
    }

    private HeartbeatResponse Beat(HeartbeatRequest request)
    {
        BeatCount++;
        var error = request.GenerationId == _generation ? ErrorCode.None : ErrorCode.IllegalGeneration;
        if (Beats.TryDequeue(out var scripted))
            error = scripted;
        return new HeartbeatResponse { ErrorCode = (short)error };
    }

    private OffsetCommitResponse Commit(OffsetCommitRequest request)
    {
        Commits.Enqueue(request);
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                if (CommitError != ErrorCode.None)
                    continue;
                var place = new TopicPartition(topic.Name, partition.PartitionIndex);
                Committed[place] = partition.CommittedOffset;
                CommittedEpochs[place] = partition.CommittedLeaderEpoch;
            }
        }

        return new OffsetCommitResponse
        {
            Topics = [.. request.Topics.Select(t => new OffsetCommitResponse.OffsetCommitResponseTopic
            {
                Name = t.Name,
                Partitions = [.. t.Partitions.Select(p => new OffsetCommitResponse.OffsetCommitResponsePartition
                {
                    PartitionIndex = p.PartitionIndex,
                    ErrorCode = (short)CommitError,
                })],
            })],
        };
    }

    private OffsetFetchResponse Fetch(short version, OffsetFetchRequest request) => version < 8
        ? new OffsetFetchResponse
        {
            Topics = [.. request.Topics!.Select(t => new OffsetFetchResponse.OffsetFetchResponseTopic
            {
                Name = t.Name,
                Partitions = [.. t.PartitionIndexes.Select(p => new OffsetFetchResponse.OffsetFetchResponsePartition
                {
                    PartitionIndex = p,
                    CommittedOffset = Committed.GetValueOrDefault(new TopicPartition(t.Name, p), -1),
                    CommittedLeaderEpoch = CommittedEpochs.GetValueOrDefault(new TopicPartition(t.Name, p), -1),
                })],
            })],
        }
        : new OffsetFetchResponse
        {
            Groups = [new OffsetFetchResponse.OffsetFetchResponseGroup
            {
                GroupId = request.Groups[0].GroupId,
                Topics = [.. request.Groups[0].Topics!.Select(t => new OffsetFetchResponse.OffsetFetchResponseTopics
                {
                    Name = t.Name,
                    Partitions = [.. t.PartitionIndexes.Select(p => new OffsetFetchResponse.OffsetFetchResponsePartitions
                    {
                        PartitionIndex = p,
                        CommittedOffset = Committed.GetValueOrDefault(new TopicPartition(t.Name, p), -1),
                    CommittedLeaderEpoch = CommittedEpochs.GetValueOrDefault(new TopicPartition(t.Name, p), -1),
                    })],
                })],
            }],
        };
}
