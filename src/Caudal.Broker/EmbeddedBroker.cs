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
/// A single broker by design: controller, coordinator, and the only replica of everything. Thread safe. Dispose it to stop in order:
/// requests in progress are answered, connections closed, the port freed, and the logs closed so that the next start needs no recovery.
/// </remarks>
/// <example><code>
/// await using var broker = await EmbeddedBroker.StartAsync(); // Any Kafka client connects to broker.BootstrapServers, e.g.
/// 127.0.0.1:41203.
/// </code></example>
public sealed partial class EmbeddedBroker : IAsyncDisposable
{
    private readonly BrokerCore _core;
    private readonly List<BrokerListener> _listeners;
    private readonly InMemoryNetwork _network;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private Task? _stopped;

    private EmbeddedBroker(
        BrokerCore core, List<BrokerListener> listeners, InMemoryNetwork network, ConnectionEndpoint endpoint, ILogger logger)
    {
        _core = core;
        _listeners = listeners;
        _network = network;
        _logger = logger;
        Host = endpoint.Host;
        Port = endpoint.Port;
    }

    /// <summary>The host that clients are told to connect to.</summary>
    public string Host { get; }

    /// <summary>The port that clients are told to connect to.</summary>
    public int Port { get; }

    /// <summary>Host and port, as clients take them in <c>bootstrap.servers</c>.</summary>
    public string BootstrapServers => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>The cluster's id, the same after a restart on the same directory.</summary>
    public string ClusterId => _core.Identity.ClusterId;

    /// <summary>Reaches the broker, by its <see cref="BootstrapServers"/>, without a socket: for clients in this process.</summary>
    public IConnector Connector => _network;

    /// <summary>Starts a broker; when the task completes, clients can connect.</summary>
    /// <param name="options">What it is to be; by default in memory, on a free port of the loopback interface.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="ArgumentException">The options have faults; the message names all of them.</exception>
    /// <exception cref="StorageException">The directory is in use by another broker, or cannot be read or written.</exception>
    /// <exception cref="BrokerException">The directory's metadata is damaged.</exception>
    /// <exception cref="ConnectionException">The port is taken or the host is not this machine's.</exception>
    public static async ValueTask<EmbeddedBroker> StartAsync(
        EmbeddedBrokerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EmbeddedBrokerOptions();
        if (options.Validate() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(options));
        var logger = options.LoggerFactory.CreateLogger<EmbeddedBroker>();
        var configs = new ConfigStore(options.Config);
        // The port first: what cannot be listened on should not wait for a recovery of the logs.
        var socket = options.Listen ? SocketListener.Listen(options.Host, options.Port, SocketOptionsOf(configs)) : null;
        BrokerCore? core = null;
        try
        {
            core = await BrokerCore.OpenAsync(options, configs, cancellationToken).ConfigureAwait(false);
            return Start(options, configs, core, socket, logger);
        }
        catch
        {
            if (core is not null)
                await core.DisposeAsync().ConfigureAwait(false);
            if (socket is not null)
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

    private static EmbeddedBroker Start(
        EmbeddedBrokerOptions options, ConfigStore configs, BrokerCore core, SocketListener? socket, ILogger logger)
    {
        var network = new InMemoryNetwork();
        var advertised = configs.Get("advertised.listeners") is { } text ? AdvertisedListener.Parse(text) : null;
        var host = advertised?.Host ?? AdvertisedListener.HostFor(options.Host);
        if (advertised is null && host != options.Host)
            Log.AllAddresses(logger, options.Host, host);
        var memory = network.Listen(host, advertised?.Port ?? socket?.Port ?? options.Port);
        var endpoint = new ConnectionEndpoint(host, memory.Port);
        var limits = new ListenerLimits(
            configs.GetInt32("max.connections"), TimeSpan.FromMilliseconds(configs.GetInt64("connections.max.idle.ms")));
        var listeners = new List<BrokerListener>();
        foreach (var listener in socket is null ? [memory] : new IConnectionListener[] { socket, memory })
            listeners.Add(new BrokerListener(listener, endpoint, core.Dispatcher, limits, options.TimeProvider, logger));
        foreach (var listener in listeners)
            listener.Start();
        Log.Started(logger, endpoint.Host, endpoint.Port, core.Identity.NodeId, core.Identity.ClusterId);
        return new EmbeddedBroker(core, listeners, network, endpoint, logger);
    }

    private static SocketOptions SocketOptionsOf(ConfigStore configs) =>
        new() { MaxFrameBytes = configs.GetInt32("socket.request.max.bytes") };

    private async Task StopOnceAsync()
    {
        await Task.WhenAll(_listeners.Select(listener => listener.DisposeAsync().AsTask())).ConfigureAwait(false);
        await _core.DisposeAsync().ConfigureAwait(false);
        Log.Stopped(_logger, Host, Port);
    }

    private static partial class Log
    {
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
