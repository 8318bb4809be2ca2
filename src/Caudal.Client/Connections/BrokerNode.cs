namespace Caudal.Client.Connections;

/// <summary>One broker: its place and its connections, one for each purpose. Thread safe.</summary>
internal sealed class BrokerNode
{
    private readonly ConnectionSlot[] _slots;

    public BrokerNode(BrokerAddress address, KafkaClientOptions options, CancellationToken closed)
    {
        Address = address;
        _slots = new ConnectionSlot[(int)ConnectionPurpose.Group + 1];
        for (var i = 0; i < _slots.Length; i++)
            _slots[i] = new ConnectionSlot(address, options, closed);
    }

    public BrokerAddress Address { get; }

    /// <summary>Whether general requests can be sent without connecting first.</summary>
    public bool IsConnected => Slot(ConnectionPurpose.General).Current is not null;

    /// <summary>How many attempts to connect for general requests failed in a row.</summary>
    public int Failures => Slot(ConnectionPurpose.General).Failures;

    /// <summary>Hands out the connection for a purpose; connects if there is none.</summary>
    public ValueTask<BrokerConnection> ConnectAsync(ConnectionPurpose purpose, CancellationToken cancellationToken) =>
        Slot(purpose).GetAsync(cancellationToken);

    /// <summary>Takes over the general connection of a bootstrap entry that turned out to be this broker.</summary>
    public void Adopt(BrokerNode bootstrap)
    {
        if (bootstrap.Slot(ConnectionPurpose.General).Release() is { } connection)
            Slot(ConnectionPurpose.General).Adopt(connection);
    }

    /// <summary>Cuts all connections.</summary>
    public void Abort(Exception reason)
    {
        foreach (var slot in _slots)
            slot.Abort(reason);
    }

    private ConnectionSlot Slot(ConnectionPurpose purpose) => _slots[(int)purpose];
}
