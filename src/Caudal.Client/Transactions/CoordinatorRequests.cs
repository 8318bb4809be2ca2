using Caudal.Client.Connections;
using Caudal.Protocol;

namespace Caudal.Client.Transactions;

/// <summary>
/// Asks coordinators, again and again until an answer is final. Everything that is asked here may be repeated. Thread safe.
/// </summary>
internal sealed class CoordinatorRequests(KafkaClient client)
{
    // While a transaction's markers are being written the coordinator takes nothing new; that is over in milliseconds.
    private static readonly TimeSpan Concurrent = TimeSpan.FromMilliseconds(20);

    private readonly ExponentialBackoff _backoff = new(client.Options.RetryBackoff, client.Options.RetryBackoffMax);

    /// <summary>Asks until the answer is good, or an error that waiting does not heal.</summary>
    /// <param name="coordinator">Whose coordinator.</param>
    /// <param name="build">Makes the request for the version that was agreed on.</param>
    /// <param name="maxVersion">The highest version to use.</param>
    /// <param name="errorOf">Finds the error in the answer.</param>
    /// <param name="what">What is asked, for errors: "Committing …".</param>
    /// <param name="limit">How long to ask, <see cref="Timeout.InfiniteTimeSpan"/> for as long as nobody cancels.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answer, which is there if there is no error, and its error.</returns>
    /// <exception cref="KafkaTimeoutException">There was no final answer in time.</exception>
    public async ValueTask<(TResponse Response, ErrorCode Error)> AskAsync<TRequest, TResponse>(
        (CoordinatorKind Kind, string Key) coordinator,
        Func<short, TRequest> build,
        short maxVersion,
        Func<TResponse, ErrorCode> errorOf,
        string what,
        TimeSpan limit,
        CancellationToken cancellationToken)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        var clock = client.Options.TimeProvider;
        using var expired = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        KafkaException? last = null;
        try
        {
            for (var failures = 1; ; failures++)
            {
                var wait = _backoff.After(failures);
                try
                {
                    var connection = await ConnectAsync(coordinator, either.Token).ConfigureAwait(false);
                    var version = connection.Versions.Choose<TRequest, TResponse>(maxVersion);
                    var response = await connection.SendAsync<TRequest, TResponse>(
                        build(version), version, either.Token).ConfigureAwait(false);
                    var error = errorOf(response);
                    if (!error.IsRetriable())
                        return (response, error);
                    last = new BrokerErrorException(error, $"{what} failed");
                    if (error is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
                        client.Coordinators.Forget(coordinator.Kind, coordinator.Key);
                    else if (error == ErrorCode.ConcurrentTransactions && wait > Concurrent)
                        wait = Concurrent;
                }
                catch (KafkaException e) when (e.IsRetriable)
                {
                    last = e;
                    client.Coordinators.Forget(coordinator.Kind, coordinator.Key);
                }
                catch (BrokerErrorException e)
                {
                    // The coordinator may not even be looked up.
                    return (default!, e.Code);
                }

                await Task.Delay(wait, clock, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (expired.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new KafkaTimeoutException(
                $"{what} had no final answer within {limit.TotalMilliseconds:0} ms (max.block.ms). {last?.Message}", last);
        }
    }

    /// <summary>Whether the coordinator has the transactions of KIP-890; null if it cannot be asked at the moment.</summary>
    public async ValueTask<bool?> IsSecondVersionAsync((CoordinatorKind Kind, string Key) coordinator, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await ConnectAsync(coordinator, cancellationToken).ConfigureAwait(false);
            return connection.Versions.FinalizedFeatures.GetValueOrDefault("transaction.version") >= 2;
        }
        catch (KafkaException e) when (e.IsRetriable)
        {
            client.Coordinators.Forget(coordinator.Kind, coordinator.Key);
            return null;
        }
    }

    private async ValueTask<BrokerConnection> ConnectAsync(
        (CoordinatorKind Kind, string Key) coordinator, CancellationToken cancellationToken)
    {
        var node = await client.Coordinators.FindAsync(coordinator.Kind, coordinator.Key, cancellationToken).ConfigureAwait(false);
        return await node.ConnectAsync(ConnectionPurpose.General, cancellationToken).ConfigureAwait(false);
    }
}
