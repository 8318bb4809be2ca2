namespace Caudal.Broker.Groups;

internal sealed partial class GroupCoordinator
{
    private long _rebalances;

    /// <summary>How many generations with members have begun since the start.</summary>
    public long Rebalances => Interlocked.Read(ref _rebalances);

    /// <summary>How many groups are in each state, states without groups included. Takes the time of a walk over all groups.</summary>
    public IReadOnlyDictionary<GroupState, int> CountByState()
    {
        var counts = Enum.GetValues<GroupState>().ToDictionary(state => state, _ => 0);
        lock (_gate)
        {
            foreach (var group in _groups.Values)
                counts[group.State]++;
        }

        return counts;
    }
}
