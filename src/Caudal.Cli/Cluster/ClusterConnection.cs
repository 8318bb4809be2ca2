using Caudal.Cli.Input;
using Caudal.Client;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Cli.Cluster;

/// <summary>A connected client, and the properties that its producers and consumers take too.</summary>
internal sealed class ClusterConnection : IAsyncDisposable
{
    // Long enough for a broker that is busy, short enough for somebody who mistyped an address.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private const string ClientId = "caudal-cli";

    private readonly ILoggerFactory? _logging;

    private ClusterConnection(KafkaClient client, ClientProperties properties, ILoggerFactory? logging)
    {
        Client = client;
        Properties = properties;
        _logging = logging;
    }

    /// <summary>The client.</summary>
    public KafkaClient Client { get; }

    /// <summary>Properties by Kafka's names, from a file or from options: for producers and consumers too.</summary>
    public ClientProperties Properties { get; }

    /// <summary>Connects.</summary>
    /// <exception cref="CommandException">No broker answered within a few seconds, or the options have faults.</exception>
    public static async ValueTask<ClusterConnection> OpenAsync(
        string bootstrap, ClientProperties properties, bool verbose, CancellationToken cancellationToken)
    {
        var logging = verbose ? Logging.Create(verbose) : null;
        properties.Set("bootstrap.servers", bootstrap);
        properties.SetDefault("client.id", ClientId);
        var options = properties.ToClientOptions();
        if (logging is not null)
            options = options with { LoggerFactory = logging };
        ThrowIfAny(options.Validate());
        using var expired = new CancellationTokenSource(ConnectTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        try
        {
            return new ClusterConnection(await KafkaClient.ConnectAsync(options, either.Token), properties, logging);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw ConnectionFailure.Silence(bootstrap, ConnectTimeout);
        }
        catch (ConnectionException e)
        {
            throw ConnectionFailure.From(bootstrap, e);
        }
    }

    /// <summary>Creates a producer of bytes.</summary>
    /// <exception cref="CommandException">The options have faults.</exception>
    public Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> CreateProducer(ProducerOptions options)
    {
        ThrowIfAny(options.Validate());
        return Client.CreateProducer(
            new ProducerOptions<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options, NullableBytes.Instance, NullableBytes.Instance));
    }

    /// <summary>Creates a consumer of leases.</summary>
    /// <exception cref="CommandException">The options have faults.</exception>
    public Consumer<Ignore, Ignore> CreateConsumer(ConsumerOptions options)
    {
        ThrowIfAny(options.Validate());
        return Client.CreateConsumer(new ConsumerOptions<Ignore, Ignore>(options, Serdes.Ignore, Serdes.Ignore));
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        _logging?.Dispose();
    }

    private static void ThrowIfAny(IReadOnlyList<string> faults)
    {
        if (faults.Count > 0)
            throw new CommandException(string.Join(' ', faults), CaudalCommand.WrongUse);
    }
}
