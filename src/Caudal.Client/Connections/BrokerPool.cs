using Caudal.Protocol;
using Caudal.Transport;

namespace Caudal.Client.Connections;

/// <summary>The brokers that are known, by id, and the bootstrap list for when none is or all are gone (KIP-899). Thread safe.</summary>
internal sealed class BrokerPool
{
    private readonly KafkaClientOptions _options;
    private readonly CancellationToken _closed;
    private readonly BrokerNode[] _bootstrap;

    // Guards writing the following; it is replaced, never changed.
    private readonly Lock _lock = new();
    private Dictionary<int, BrokerNode> _nodes = [];
    private int _turn;

    public BrokerPool(KafkaClientOptions options, CancellationToken closed)
    {
        _options = options;
        _closed = closed;
        if (!BrokerAddress.TryParseList(options.BootstrapServers, out var addresses, out var fault))
            throw new ArgumentException($"bootstrap.servers: {fault}.", nameof(options));
        _bootstrap = [.. addresses.Select(address => new BrokerNode(address, options, closed))];
    }

    /// <summary>Finds a broker by its id.</summary>
    public bool TryGet(int id, out BrokerNode node) => Volatile.Read(ref _nodes).TryGetValue(id, out node!);

    /// <summary>Learns which brokers there are; those that are gone or moved are disconnected.</summary>
    public void Update(IReadOnlyCollection<BrokerAddress> brokers)
    {
        List<BrokerNode> gone = [];
        lock (_lock)
        {
            var next = new Dictionary<int, BrokerNode>();
            foreach (var address in brokers)
                next[address.Id] = _nodes.TryGetValue(address.Id, out var known) && known.Address.IsSamePlace(address)
                    ? known
                    : Create(address);
            gone.AddRange(_nodes.Where(pair => !next.TryGetValue(pair.Key, out var kept) || kept != pair.Value).Select(pair => pair.Value));
            Volatile.Write(ref _nodes, next);
        }

        foreach (var node in gone)
            node.Abort(new ConnectionException($"Broker {node.Address.Id} is no longer at {node.Address}."));
    }

    /// <summary>Forgets every broker: the next to be asked is one of the bootstrap list, whose names are resolved anew (KIP-899).</summary>
    public void Rebootstrap()
    {
        Dictionary<int, BrokerNode> gone;
        lock (_lock)
        {
            gone = _nodes;
            Volatile.Write(ref _nodes, []);
        }

        foreach (var node in gone.Values)
            node.Abort(new ConnectionException($"The cluster is looked for anew; broker {node.Address.Id} is forgotten."));
    }

    /// <summary>Learns of one broker, e.g. a coordinator that is newer than the metadata.</summary>
    public BrokerNode Learn(BrokerAddress address)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(address.Id, out var known) && known.Address.IsSamePlace(address))
                return known;
            var node = Create(address);
            Volatile.Write(ref _nodes, new Dictionary<int, BrokerNode>(_nodes) { [address.Id] = node });
            known?.Abort(new ConnectionException($"Broker {address.Id} moved to {address}."));
            return node;
        }
    }

    /// <summary>
    /// Connects to whichever broker can be reached: connected ones first, then those that failed least, the bootstrap list last.
    /// </summary>
    /// <exception cref="ConnectionException">
    /// None could be reached; the message says which were tried, and why the last one failed.
    /// </exception>
    public async ValueTask<BrokerConnection> ConnectAnyAsync(CancellationToken cancellationToken)
    {
        Exception? last = null;
        var candidates = Candidates();
        foreach (var node in candidates)
        {
            try
            {
                return await node.ConnectAsync(ConnectionPurpose.General, cancellationToken).ConfigureAwait(false);
            }
            catch (KafkaException e) when (e is not ClientClosedException)
            {
                last = e;
            }
        }

        throw new ConnectionException(
            $"No broker could be reached (tried {string.Join(", ", candidates.Select(node => node.Address.ToString()).Distinct())}). "
            + last?.Message,
            last);
    }

    /// <summary>Cuts every connection.</summary>
    public void Abort(Exception reason)
    {
        foreach (var node in Volatile.Read(ref _nodes).Values.Concat(_bootstrap))
            node.Abort(reason);
    }

    private BrokerNode Create(BrokerAddress address)
    {
        var node = new BrokerNode(address, _options, _closed);
        if (Array.Find(_bootstrap, entry => entry.Address.IsSamePlace(address)) is { } bootstrap)
            node.Adopt(bootstrap);
        return node;
    }

    private BrokerNode[] Candidates()
    {
        var known = Volatile.Read(ref _nodes).Values.ToArray();
        var turn = (uint)Interlocked.Increment(ref _turn);
        var rotated = known.Select((node, i) => (Node: node, Place: (uint)(i + turn) % (uint)known.Length));
        return
        [
            .. rotated
                .OrderBy(entry => entry.Node.IsConnected ? 0 : 1)
                .ThenBy(entry => entry.Node.Failures)
                .ThenBy(entry => entry.Place)
                .Select(entry => entry.Node),
            .. known.Length == 0 || _options.MetadataRecovery == MetadataRecovery.Rebootstrap ? _bootstrap : [],
        ];
    }
}
