using Caudal.Client.Configuration;
using Caudal.Client.Connections;
using Caudal.Client.Metadata;
using Caudal.Protocol;
using Caudal.Transport;

namespace Caudal.Client;

/// <summary>A cluster as one program sees it: connections and metadata that producers, consumers and the admin client share.</summary>
/// <remarks>
/// Thread safe. One for each cluster is enough. Dispose producers and consumers first: disposing the client cuts every connection.
/// </remarks>
public sealed partial class KafkaClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Creates a client that connects when it is first needed.</summary>
    /// <exception cref="ArgumentException">The options have faults; the message lists them all.</exception>
    public KafkaClient(KafkaClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionFaults.ThrowIfAny(options.Validate(), nameof(KafkaClientOptions));
        Options = options;
        Pool = new BrokerPool(options, _closed.Token);
        Metadata = new MetadataCache(Pool, options, _closed.Token);
        Coordinators = new CoordinatorCache(Pool);
        Router = new RequestRouter(Pool, Metadata, Coordinators, options);
        Admin = new AdminClient(this);
    }

    /// <summary>The options that the client was made from.</summary>
    public KafkaClientOptions Options { get; }

    /// <summary>Administers the cluster.</summary>
    public AdminClient Admin { get; }

    internal BrokerPool Pool { get; }

    internal MetadataCache Metadata { get; }

    internal CoordinatorCache Coordinators { get; }

    internal RequestRouter Router { get; }

    /// <summary>Cancelled when the client is disposed.</summary>
    internal CancellationToken Closed => _closed.Token;

    /// <summary>Creates a client and connects, so that a wrong address shows at once.</summary>
    /// <exception cref="ArgumentException">The options have faults; the message lists them all.</exception>
    /// <exception cref="ConnectionException">No broker could be reached.</exception>
    /// <exception cref="KafkaException">A broker was reached but is of no use, e.g. too old.</exception>
    public static async ValueTask<KafkaClient> ConnectAsync(KafkaClientOptions options, CancellationToken cancellationToken = default)
    {
        var client = new KafkaClient(options);
        try
        {
            await client.Metadata.RefreshAsync(null, cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Sends any request of Kafka's protocol, in the highest version that both sides speak: for what the client has no method for.
    /// </summary>
    /// <param name="target">
    /// The broker; it is looked up and connected to, with retries, within <see cref="KafkaClientOptions.ApiTimeout"/>.
    /// </param>
    /// <param name="request">The request. It is sent once.</param>
    /// <param name="cancellationToken">Gives up waiting; the broker may execute the request all the same.</param>
    /// <returns>The response. Error codes in it are not looked at. Fields of type records are not valid in it.</returns>
    /// <exception cref="ConnectionException">The connection broke; whether the broker executed the request is not known.</exception>
    /// <exception cref="KafkaTimeoutException">There was no answer in time, or no broker in time.</exception>
    /// <exception cref="UnsupportedVersionException">
    /// The broker does not speak a version that serves, or it cannot carry a field that is set.
    /// </exception>
    public ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        BrokerTarget target,
        TRequest request,
        CancellationToken cancellationToken = default)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse> =>
        Router.SendAsync<TRequest, TResponse>(target, _ => request, default, cancellationToken);

    /// <summary>Cuts every connection. What is under way fails with <see cref="ClientClosedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closed.IsCancellationRequested)
            return;
        await _closed.CancelAsync().ConfigureAwait(false);
        Metadata.Dispose();
        Pool.Abort(new ClientClosedException("The client was closed."));
    }
}
