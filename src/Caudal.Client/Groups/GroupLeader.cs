using Caudal.Client.Consuming;
using Caudal.Client.Metadata;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Groups;

/// <summary>What the group's leader does for the others: assigns, and watches whether the topics change.</summary>
internal sealed partial class GroupLeader(KafkaClient client, ConsumerOptions options)
{
    // A subscribed topic that does not exist is looked for this often.
    private static readonly TimeSpan MissingTopicInterval = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = client.Options.LoggerFactory.CreateLogger<GroupLeader>();
    private Dictionary<string, int> _counts = [];
    private string[] _topics = [];

    /// <summary>Runs the strategy that the group chose.</summary>
    public async ValueTask<SyncGroupRequest.SyncGroupRequestAssignment[]> AssignAsync(
        JoinGroupResponse joined, CancellationToken cancellationToken)
    {
        var assignor = options.Assignors.FirstOrDefault(a => a.Name == joined.ProtocolName)
            ?? throw new ProtocolException(
                $"Group '{options.GroupId}' chose the strategy '{joined.ProtocolName}', which this member does not offer.");
        var members = joined.Members.Select(ReadMember).ToArray();
        _topics = [.. members.SelectMany(m => m.Topics).Distinct(StringComparer.Ordinal)];
        await client.Metadata.RefreshAsync(_topics, cancellationToken).ConfigureAwait(false);
        _counts = CountPartitions(client.Metadata.Current);
        var assignment = assignor.Assign(new GroupState(members, _counts));
        return [.. members.Select(m => new SyncGroupRequest.SyncGroupRequestAssignment
        {
            MemberId = m.MemberId,
            Assignment = ConsumerProtocol.WriteAssignment(assignment.GetValueOrDefault(m.MemberId) ?? []),
        })];
    }

    /// <summary>Watches the group's topics until one appears, disappears or changes its number of partitions.</summary>
    public async Task WatchAsync(Action changed, CancellationToken cancellationToken)
    {
        var signal = new AsyncSignal();
        void OnChanged(ClusterSnapshot snapshot) => signal.Set();
        client.Metadata.Changed += OnChanged;
        try
        {
            while (SameCounts(CountPartitions(client.Metadata.Current)))
            {
                var wait = _counts.Count < _topics.Length ? MissingTopicInterval : Timeout.InfiniteTimeSpan;
                if (!await signal.WaitAsync(wait, client.Options.TimeProvider, cancellationToken).ConfigureAwait(false))
                {
                    foreach (var topic in _topics.Where(t => !_counts.ContainsKey(t)))
                        client.Metadata.RefreshInBackground(topic);
                }
            }

            changed();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The generation ended for another reason.
        }
        finally
        {
            client.Metadata.Changed -= OnChanged;
        }
    }

    private bool SameCounts(Dictionary<string, int> counts) =>
        counts.Count == _counts.Count && counts.All(c => _counts.GetValueOrDefault(c.Key, -1) == c.Value);

    private Dictionary<string, int> CountPartitions(ClusterSnapshot cluster)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var topic in _topics)
        {
            if (cluster.Topics.TryGetValue(topic, out var metadata) && metadata is { Error: ErrorCode.None, Partitions.Length: > 0 })
                counts[topic] = metadata.Partitions.Length;
        }

        return counts;
    }

    private GroupMember ReadMember(JoinGroupResponse.JoinGroupResponseMember member)
    {
        try
        {
            return ConsumerProtocol.ReadSubscription(member);
        }
        catch (ProtocolException e)
        {
            // One member's mistake must not stop the group: it gets nothing.
            Log.BadSubscription(_logger, member.MemberId, options.GroupId!, e.Message);
            return new GroupMember { MemberId = member.MemberId, GroupInstanceId = member.GroupInstanceId, Topics = [] };
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1421, LogLevel.Warning, "The subscription of member {MemberId} of group {Group} cannot be read: {Reason}")]
        public static partial void BadSubscription(ILogger logger, string memberId, string group, string reason);
    }
}
