namespace Caudal.Broker.Network;

/// <summary>How many connections are open by the host they come from. Thread safe.</summary>
internal sealed class ConnectionCounts
{
    // Guards the following.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _byHost = [];

    /// <summary>Counts one more, unless that would be more than allowed.</summary>
    public bool TryEnter(string host, int max)
    {
        lock (_lock)
        {
            var count = _byHost.GetValueOrDefault(host);
            if (count >= max)
                return false;
            _byHost[host] = count + 1;
            return true;
        }
    }

    /// <summary>Counts one less.</summary>
    public void Leave(string host)
    {
        lock (_lock)
        {
            if (--_byHost[host] == 0)
                _byHost.Remove(host);
        }
    }
}
