using Caudal.Protocol;

namespace Caudal.Broker.Groups;

/// <content>What happens to groups when another node becomes their coordinator.</content>
internal sealed partial class GroupCoordinator
{
    /// <summary>
    /// The leader of a partition of <c>__consumer_offsets</c> changed: who waits at the old coordinator is sent away with NOT_COORDINATOR,
    /// and the sessions of all members begin again, as they do in Kafka when the new coordinator has read the groups.
    /// </summary>
    public void OnPartitionMoved(int partition)
    {
        lock (_gate)
        {
            if (_isStopped)
                return;
            foreach (var group in _groups.Values.Where(group => PartitionOf(group.Id, _log.PartitionCount) == partition).ToArray())
            {
                foreach (var member in group.Members.Values.ToArray())
                {
                    Dismiss(group, member, ErrorCode.NotCoordinator);
                    Touch_UnderLock(member);
                }
            }
        }
    }
}
