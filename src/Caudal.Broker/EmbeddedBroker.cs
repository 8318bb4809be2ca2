using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Storage;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker;

/// <summary>
/// A Kafka broker inside this process: on a real port that clients in any language reach, and in memory for clients of this process.
/// </summary>
/// <remarks>
/// One process by design: what it replicates it holds once. It may pose as several nodes (<see cref="EmbeddedBrokerOptions.Nodes"/>) whose
/// failures are real to clients. Thread safe. Dispose it to stop in order: requests in progress are answered, connections closed, the ports
/// freed, and the logs closed so that the next start needs no recovery.
/// </remarks>
/// <example><code>
/// await using var broker = await EmbeddedBroker.StartAsync(); // Any Kafka client connects to broker.BootstrapServers, e.g.
/// 127.0.0.1:41203.
/// </code></example>
public sealed partial class EmbeddedBroker : IAsyncDisposable
{
    private readonly EmbeddedBrokerOptions _options;
    private readonly BrokerCore _core;
    private readonly InMemoryNetwork _network = new();
    private readonly ListenerLimits _limits;
    private readonly SocketOptions _socketOptions;
    // The ports that the nodes are bound to, which need not be those that clients are told.
    private readonly Dictionary<int, int> _boundPorts = [];
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private volatile Task? _stopped;

    private EmbeddedBroker(
        EmbeddedBrokerOptions options,
        ConfigStore configs,
        BrokerCore core,
        SocketOptions socketOptions,
        NetworkMemory memory,
        AddressLimits byAddress,
        ILogger logger)
    {
        _options = options;
        _core = core;
        _logger = logger;
        _socketOptions = socketOptions;
        _limits = new ListenerLimits(
            configs.GetInt32("max.connections"),
            byAddress,
            TimeSpan.FromMilliseconds(configs.GetInt64("connections.max.idle.ms")),
            memory.Responses);
        Nodes = [.. core.Nodes.All.Select(node => new BrokerNode(this, node))];
    }

    /// <summary>The host that clients are told to connect to; of several nodes the first one's.</summary>
    public string Host => Nodes[0].Host;

    /// <summary>The port that clients are told to connect to; of several nodes the first one's.</summary>
    public int Port => Nodes[0].Port;

    /// <summary>Hosts and ports of all nodes, as clients take them in <c>bootstrap.servers</c>.</summary>
    public string BootstrapServers => string.Join(
        ',', Nodes.Select(node => node.Host.Contains(':') ? $"[{node.Host}]:{node.Port}" : $"{node.Host}:{node.Port}"));

    /// <summary>The cluster's id, the same after a restart on the same directory.</summary>
    public string ClusterId => _core.Identity.ClusterId;

    /// <summary>Makes requests fail on purpose.</summary>
    public BrokerFaults Faults => _core.Dispatcher.Faults;

    /// <summary>Reaches the broker, by its <see cref="BootstrapServers"/>, without a socket: for clients in this process.</summary>
    public IConnector Connector => _network;

    /// <summary>Starts a broker; when the task completes, clients can connect.</summary>
    /// <param name="options">What it is to be; by default in memory, on a free port of the loopback interface.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="ArgumentException">The options have faults; the message names all of them.</exception>
    /// <exception cref="StorageException">The directory is in use by another broker, or cannot be read or written.</exception>
    /// <exception cref="BrokerException">The directory's metadata is damaged.</exception>
    /// <exception cref="ConnectionException">
    /// The port is taken, the host is not this machine's, or a host that the options name is not known.
    /// </exception>
    public static async ValueTask<EmbeddedBroker> StartAsync(
        EmbeddedBrokerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EmbeddedBrokerOptions();
        if (options.Validate() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(options));
        var logger = options.LoggerFactory.CreateLogger<EmbeddedBroker>();
        var configs = new ConfigStore(options.Config);
        // The port first: what cannot be listened on should not wait for a recovery of the logs.
        var memory = NetworkMemory.Create(configs, logger);
        var byAddress = AddressLimits.Create(
            configs.GetInt32("max.connections.per.ip"), ConfigDefinition.SplitList(configs.Get(AddressLimits.Setting) ?? ""));
        var socketOptions = SocketOptionsOf(configs, memory);
        var sockets = new List<SocketListener>();
        BrokerCore? core = null;
        try
        {
            for (var i = 0; options.Listen && i < options.Nodes; i++)
                sockets.Add(SocketListener.Listen(options.Host, options.Port == 0 ? 0 : options.Port + i, socketOptions));
            core = await BrokerCore.OpenAsync(options, configs, cancellationToken).ConfigureAwait(false);
            var broker = new EmbeddedBroker(options, configs, core, socketOptions, memory, byAddress, logger);
            broker.Start(configs, sockets);
            return broker;
        }
        catch
        {
            if (core is not null)
                await core.DisposeAsync().ConfigureAwait(false);
            foreach (var socket in sockets)
                await socket.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Stops in order, as <see cref="DisposeAsync"/> does; the task completes when everything is closed. May be called more than once.
    /// </summary>
    public Task StopAsync()
    {
        lock (_lock)
            return _stopped ??= StopOnceAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private void Start(ConfigStore configs, List<SocketListener> sockets)
    {
        var advertised = configs.Get("advertised.listeners") is { } text ? AdvertisedListener.Parse(text) : null;
        var host = advertised?.Host ?? AdvertisedListener.HostFor(_options.Host);
        if (advertised is null && host != _options.Host)
            Log.AllAddresses(_logger, _options.Host, host);
        var listeners = new List<BrokerListener>();
        for (var i = 0; i < Nodes.Count; i++)
        {
            var node = Nodes[i].Node;
            var socket = sockets.Count > 0 ? sockets[i] : null;
            var port = advertised is { } address ? address.Port + i : socket?.Port ?? (_options.Port == 0 ? 0 : _options.Port + i);
            node.Endpoint = new ConnectionEndpoint(host, port);
            _boundPorts[node.Id] = socket?.Port ?? port;
            listeners.AddRange(Listen(node, socket));
            // Nodes name each other: all addresses are known before the first client comes.
            Log.Started(_logger, node.Endpoint.Host, node.Endpoint.Port, node.Id, _core.Identity.ClusterId);
        }

        listeners.ForEach(listener => listener.Start());
    }

    private static SocketOptions SocketOptionsOf(ConfigStore configs, NetworkMemory memory) =>
        new()
        {
            MaxFrameBytes = configs.GetInt32("socket.request.max.bytes"),
            SendBufferBytes = Math.Max(0, configs.GetInt32("socket.send.buffer.bytes")),
            FrameMemory = memory.Requests,
        };

    private async Task StopOnceAsync()
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            foreach (var node in _core.Nodes.All)
                node.Resume();
            await Task.WhenAll(_core.Nodes.All.Select(StopListeningAsync)).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }

        await _core.DisposeAsync().ConfigureAwait(false);
        Log.Stopped(_logger, Host, Port);
    }

    private static partial class Log
    {
        [LoggerMessage(4034, LogLevel.Information, "Node {NodeId} was stopped; others lead its partitions.")]
        public static partial void NodeStopped(ILogger logger, int nodeId);

        [LoggerMessage(4035, LogLevel.Information, "Node {NodeId} was started again on {Host}:{Port}.")]
        public static partial void NodeStarted(ILogger logger, int nodeId, string host, int port);

        [LoggerMessage(4031, LogLevel.Information, "Listening on {Host}:{Port} as broker {NodeId} of cluster {ClusterId}.")]
        public static partial void Started(ILogger logger, string host, int port, int nodeId, string clusterId);

        [LoggerMessage(4033, LogLevel.Warning,
            "Listening on {Host}, but clients are told {Advertised}, which other machines cannot reach: " +
            "set advertised.listeners to PLAINTEXT://HOST:PORT of this machine.")]
        public static partial void AllAddresses(ILogger logger, string host, string advertised);

        [LoggerMessage(4032, LogLevel.Information, "Stopped listening on {Host}:{Port}; all logs are closed.")]
        public static partial void Stopped(ILogger logger, string host, int port);
    }
}
