using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Metadata;

/// <summary>
/// What the client knows of topics and brokers: asked for on demand, topic by topic; asked for again when it gets old and when somebody met
/// an error that
/// stale knowledge explains.
/// </summary>
/// <remarks>
/// Thread safe. Requests are made by one loop at a time: what is wanted while one is under way goes into the next, so that a thousand
/// errors cost one request.
/// </remarks>
internal sealed partial class MetadataCache : IDisposable
{
    private readonly BrokerPool _pool;
    private readonly KafkaClientOptions _options;
    private readonly CancellationToken _closed;
    private readonly ILogger _logger;
    private readonly ExponentialBackoff _backoff;
    private readonly ITimer _timer;

    // Guards the following.
    private readonly Lock _lock = new();
    private MetadataRound _next = new();
    private bool _running;

    private ClusterSnapshot _current = ClusterSnapshot.Empty;

    // The timestamp of the first of the failures that have had no success since; 0 for none.
    private long _failingSince;

    public MetadataCache(BrokerPool pool, KafkaClientOptions options, CancellationToken closed)
    {
        _pool = pool;
        _options = options;
        _closed = closed;
        _logger = options.LoggerFactory.CreateLogger<MetadataCache>();
        _backoff = new ExponentialBackoff(options.RetryBackoff, options.RetryBackoffMax);
        _timer = options.TimeProvider.CreateTimer(
            static self => ((MetadataCache)self!).RefreshInBackground(null), this, options.MetadataMaxAge, options.MetadataMaxAge);
    }

    /// <summary>Raised after every change, on the loop that made it: handlers are quick and do not throw.</summary>
    public event Action<ClusterSnapshot>? Changed;

    /// <summary>What is known now.</summary>
    public ClusterSnapshot Current => Volatile.Read(ref _current);

    /// <summary>
    /// What is known of a topic; asks once if nothing is. The answer may be an error: see <see cref="TopicMetadata.Error"/>.
    /// </summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="create">Whether a broker that creates topics on demand may do so.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="KafkaException">No broker could be asked.</exception>
    public ValueTask<TopicMetadata> GetTopicAsync(string topic, bool create, CancellationToken cancellationToken) =>
        Current.Topics.TryGetValue(topic, out var metadata) && metadata.Error == ErrorCode.None
            ? ValueTask.FromResult(metadata)
            : AskAsync(topic, create, cancellationToken);

    /// <summary>Waits until a topic has partitions.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="create">Whether a broker that creates topics on demand may do so.</param>
    /// <param name="timeout">How long to wait for it.</param>
    /// <param name="option">The name of the option that <paramref name="timeout"/> comes from, for the error.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="BrokerErrorException">
    /// The brokers refuse the topic for good: its name is not valid, or access is denied.
    /// </exception>
    /// <exception cref="KafkaTimeoutException">It did not appear in time, or no broker could be reached in time.</exception>
    public async ValueTask<TopicMetadata> WaitForTopicAsync(
        string topic,
        bool create,
        TimeSpan timeout,
        string option,
        CancellationToken cancellationToken)
    {
        if (Current.Topics.TryGetValue(topic, out var known) && known.Error == ErrorCode.None)
            return known;
        using var expired = new CancellationTokenSource(timeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        KafkaException? last = null;
        try
        {
            for (var failures = 1; ; failures++)
            {
                try
                {
                    var metadata = await GetTopicAsync(topic, create, either.Token).ConfigureAwait(false);
                    if (metadata.Error == ErrorCode.None)
                        return metadata;
                    throw new BrokerErrorException(metadata.Error, $"The topic '{topic}' cannot be used", topic: topic);
                }
                catch (KafkaException e) when (e.IsRetriable)
                {
                    last = e;
                }

                await Task.Delay(_backoff.After(failures), _options.TimeProvider, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (expired.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new KafkaTimeoutException(
                $"The topic '{topic}' was not ready within {timeout.TotalMilliseconds:0} ms ({option}). {last?.Message}", last);
        }
    }

    /// <summary>Asks for topics now, or for all known ones and the brokers.</summary>
    /// <exception cref="KafkaException">No broker could be asked.</exception>
    public Task RefreshAsync(IEnumerable<string>? topics, CancellationToken cancellationToken) =>
        Want(topics, create: false).WaitAsync(cancellationToken);

    /// <summary>
    /// Asks for a topic, or for all known ones, soon, and does not wait: what to call after an error that stale knowledge explains.
    /// </summary>
    public void RefreshInBackground(string? topic) => _ = Want(topic is null ? null : [topic], create: false);

    /// <summary>Believes a leader that a broker named in passing (KIP-951), if it is newer than what is known.</summary>
    /// <returns>Whether it was.</returns>
    public bool LearnLeader(string topic, int partition, int leaderId, int leaderEpoch, BrokerAddress? address)
    {
        if (address is not null)
            _pool.Learn(address);
        ClusterSnapshot? next;
        lock (_lock)
        {
            next = MetadataMerge.WithLeader(_current, topic, partition, leaderId, leaderEpoch);
            if (next is null)
                return false;
            Volatile.Write(ref _current, next);
        }

        Changed?.Invoke(next);
        return true;
    }

    /// <summary>Forgets a topic: it was deleted.</summary>
    public void Forget(string topic)
    {
        lock (_lock)
            Volatile.Write(ref _current, MetadataMerge.Without(_current, topic));
    }

    /// <summary>Asks for all topics of the cluster. The answer is not kept.</summary>
    public async ValueTask<IReadOnlyList<TopicMetadata>> ListAllAsync(CancellationToken cancellationToken)
    {
        var response = await SendAsync(
            new MetadataRequest { Topics = null, AllowAutoTopicCreation = false }, cancellationToken).ConfigureAwait(false);
        var now = _options.TimeProvider.GetTimestamp();
        return [.. response.Topics.Select(topic => MetadataMerge.Convert(topic, now))];
    }

    public void Dispose() => _timer.Dispose();

    private async ValueTask<TopicMetadata> AskAsync(string topic, bool create, CancellationToken cancellationToken)
    {
        await Want([topic], create).WaitAsync(cancellationToken).ConfigureAwait(false);
        return Current.Topics.TryGetValue(topic, out var metadata)
            ? metadata
            : new TopicMetadata(topic, Uuid.Zero, ErrorCode.UnknownTopicOrPartition, false, [], _options.TimeProvider.GetTimestamp());
    }

    private Task Want(IEnumerable<string>? topics, bool create)
    {
        lock (_lock)
        {
            _next.Add(topics, create);
            var done = _next.Done;
            if (!_running)
            {
                _running = true;
                _ = RunAsync();
            }

            return done;
        }
    }

    private async Task RunAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (true)
        {
            MetadataRound round;
            lock (_lock)
            {
                if (_next.IsEmpty)
                {
                    _running = false;
                    return;
                }

                (round, _next) = (_next, new MetadataRound());
            }

            try
            {
                foreach (var request in round.Requests(Current))
                    Apply(await SendAsync(request, _closed).ConfigureAwait(false));
                round.Succeed();
            }
            catch (Exception e)
            {
                Log.Failed(_logger, e.Message);
                round.Fail(_closed.IsCancellationRequested ? new ClientClosedException("The client was closed.") : e);
            }
        }
    }

    private async ValueTask<MetadataResponse> SendAsync(MetadataRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var response = await AskAnyAsync(request, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _failingSince, 0);
            return response;
        }
        catch (BrokerErrorException e) when (e.Code == ErrorCode.RebootstrapRequired && MayRebootstrap)
        {
            Log.Rebootstrap(_logger, e.Message);
            _pool.Rebootstrap();
            return await AskAnyAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException e) when (e.IsRetriable)
        {
            NoteFailure(e.Message);
            throw;
        }
    }

    private bool MayRebootstrap => _options.MetadataRecovery == MetadataRecovery.Rebootstrap;

    // KIP-1102: brokers that can be connected to and never answer are no better than none.
    private void NoteFailure(string reason)
    {
        var now = Math.Max(_options.TimeProvider.GetTimestamp(), 1);
        var since = Interlocked.CompareExchange(ref _failingSince, now, 0);
        if (since == 0 || !MayRebootstrap || _options.TimeProvider.GetElapsedTime(since, now) < _options.RebootstrapTrigger)
            return;
        Volatile.Write(ref _failingSince, 0);
        Log.Rebootstrap(_logger, reason);
        _pool.Rebootstrap();
    }

    private async ValueTask<MetadataResponse> AskAnyAsync(MetadataRequest request, CancellationToken cancellationToken)
    {
        var connection = await _pool.ConnectAnyAsync(cancellationToken).ConfigureAwait(false);
        var version = connection.Versions.Choose<MetadataRequest, MetadataResponse>();
        var response = await connection.SendAsync<MetadataRequest, MetadataResponse>(
            request, version, cancellationToken).ConfigureAwait(false);
        var error = (ErrorCode)response.ErrorCode;
        return error == ErrorCode.None
            ? response
            : throw new BrokerErrorException(error, $"Asking {connection.Broker} for metadata failed");
    }

    private void Apply(MetadataResponse response)
    {
        ClusterSnapshot next;
        lock (_lock)
        {
            next = MetadataMerge.Merge(_current, response, _options.TimeProvider.GetTimestamp());
            Volatile.Write(ref _current, next);
        }

        // A broker that is starting may not know of any broker yet, itself included.
        if (next.Brokers.Count > 0)
            _pool.Update(next.Brokers);
        Changed?.Invoke(next);
    }

    private static partial class Log
    {
        [LoggerMessage(1102, LogLevel.Warning, "Starting anew from the bootstrap list: {Reason}")]
        public static partial void Rebootstrap(ILogger logger, string reason);

        [LoggerMessage(1101, LogLevel.Warning, "Metadata could not be refreshed: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
