using Caudal.Client.Metadata;
using Caudal.Protocol;
using Caudal.Transport;

namespace Caudal.Client.Connections;

/// <summary>Finds the broker that a request is for, and sends it there. Thread safe.</summary>
/// <remarks>
/// Finding out and connecting is repeated until <c>default.api.timeout.ms</c> is over. A request that has been sent is never repeated
/// here: only its sender knows whether that is harmless. Error codes inside responses are the sender's business too.
/// </remarks>
internal sealed class RequestRouter(BrokerPool pool, MetadataCache metadata, CoordinatorCache coordinators, KafkaClientOptions options)
{
    private readonly ExponentialBackoff _backoff = new(options.RetryBackoff, options.RetryBackoffMax);

    /// <summary>Sends a request and reads its response.</summary>
    /// <param name="target">The broker.</param>
    /// <param name="build">Makes the request for the version that was agreed on.</param>
    /// <param name="how">Connection, timeout and version limit.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ConnectionException">The connection broke; whether the broker executed the request is not known.</exception>
    /// <exception cref="KafkaTimeoutException">There was no answer in time, or no broker in time.</exception>
    /// <exception cref="UnsupportedVersionException">The broker does not speak a version that serves.</exception>
    public async ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        BrokerTarget target,
        Func<short, TRequest> build,
        RequestOptions how,
        CancellationToken cancellationToken)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        var response = await SendRawAsync<TRequest, TResponse>(target, build, how, cancellationToken).ConfigureAwait(false);
        return response.ReadAndDispose<TResponse>();
    }

    /// <summary>Sends a request and hands its response over unread. The caller disposes it.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public async ValueTask<RawResponse> SendRawAsync<TRequest, TResponse>(
        BrokerTarget target,
        Func<short, TRequest> build,
        RequestOptions how,
        CancellationToken cancellationToken)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        var connection = await ConnectAsync(target, how.Purpose, cancellationToken).ConfigureAwait(false);
        var version = connection.Versions.Choose<TRequest, TResponse>(how.MaxVersion ?? short.MaxValue);
        var pending = await connection.BeginAsync<TRequest, TResponse>(
            build(version), version, cancellationToken, how.Timeout).ConfigureAwait(false);
        return await pending.ResponseAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds the broker and connects to it, with retries within <c>default.api.timeout.ms</c>.</summary>
    /// <exception cref="KafkaTimeoutException">It was not found or reached in time.</exception>
    /// <exception cref="KafkaException">An error that waiting does not heal.</exception>
    public ValueTask<BrokerConnection> ConnectAsync(BrokerTarget target, ConnectionPurpose purpose, CancellationToken cancellationToken) =>
        target.Kind == BrokerTargetKind.Node
        && pool.TryGet(target.Number, out var node)
        && node.IsConnected
        && purpose == ConnectionPurpose.General
            ? node.ConnectAsync(purpose, cancellationToken)
            : ConnectWithRetriesAsync(target, purpose, cancellationToken);

    private async ValueTask<BrokerConnection> ConnectWithRetriesAsync(
        BrokerTarget target,
        ConnectionPurpose purpose,
        CancellationToken cancellationToken)
    {
        using var expired = new CancellationTokenSource(options.ApiTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        KafkaException? last = null;
        for (var failures = 1; ; failures++)
        {
            try
            {
                var node = await FindAsync(target, either.Token).ConfigureAwait(false);
                if (node is not null)
                    return await node.ConnectAsync(purpose, either.Token).ConfigureAwait(false);
                if (target.Kind == BrokerTargetKind.Any && purpose == ConnectionPurpose.General)
                    return await pool.ConnectAnyAsync(either.Token).ConfigureAwait(false);
                last = new ConnectionException($"{target} is not known.");
                await metadata.RefreshAsync(null, either.Token).ConfigureAwait(false);
            }
            catch (KafkaException e) when (e.IsRetriable)
            {
                last = e;
                if (target.Kind == BrokerTargetKind.Coordinator)
                    coordinators.Forget(target.Name!);
                else if (target.Kind == BrokerTargetKind.TransactionCoordinator)
                    coordinators.Forget(CoordinatorKind.Transaction, target.Name!);
                else
                    metadata.RefreshInBackground(target.Kind == BrokerTargetKind.Leader ? target.Name : null);
            }
            catch (OperationCanceledException) when (expired.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw Expired(target, last);
            }

            try
            {
                await Task.Delay(_backoff.After(failures), options.TimeProvider, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (expired.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw Expired(target, last);
            }
        }
    }

    private async ValueTask<BrokerNode?> FindAsync(BrokerTarget target, CancellationToken cancellationToken)
    {
        switch (target.Kind)
        {
            case BrokerTargetKind.Node:
                return pool.TryGet(target.Number, out var node) ? node : null;
            case BrokerTargetKind.Coordinator:
                return await coordinators.FindAsync(target.Name!, cancellationToken).ConfigureAwait(false);
            case BrokerTargetKind.TransactionCoordinator:
                return await coordinators.FindAsync(CoordinatorKind.Transaction, target.Name!, cancellationToken).ConfigureAwait(false);
            case BrokerTargetKind.Leader:
                var topic = await metadata.GetTopicAsync(target.Name!, create: false, cancellationToken).ConfigureAwait(false);
                if (topic.Error != ErrorCode.None)
                    throw new BrokerErrorException(topic.Error, $"{target} cannot be found", topic: target.Name, partition: target.Number);
                if ((uint)target.Number >= (uint)topic.Partitions.Length)
                    throw new BrokerErrorException(
                        ErrorCode.UnknownTopicOrPartition,
                        $"{target.Name} has {topic.Partitions.Length} partitions and no {target.Number}",
                        topic: target.Name,
                        partition: target.Number);
                return pool.TryGet(topic.LeaderOf(target.Number), out var leader)
                    ? leader
                    : throw new BrokerErrorException(
                        ErrorCode.LeaderNotAvailable, $"{target} cannot be found", topic: target.Name, partition: target.Number);
            case BrokerTargetKind.Controller:
                if (metadata.Current.ControllerId < 0)
                    await metadata.RefreshAsync(null, cancellationToken).ConfigureAwait(false);
                return pool.TryGet(metadata.Current.ControllerId, out var controller) ? controller : null;
            default:
                return null;
        }
    }

    private KafkaTimeoutException Expired(BrokerTarget target, KafkaException? last) =>
        new(
            $"{target} could not be reached within {options.ApiTimeout.TotalMilliseconds:0} ms (default.api.timeout.ms). {last?.Message}",
            last);
}
