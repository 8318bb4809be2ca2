using Caudal.Client.Connections;
using Caudal.Protocol;

namespace Caudal.Client.Admin;

/// <summary>
/// An administrative call over several items: asks until each has its result, and again for those whose error may pass, within
/// <c>default.api.timeout.ms</c>.
/// </summary>
/// <remarks>Not thread safe: the attempts of one call come one after another.</remarks>
internal sealed class ItemCall<TKey, TValue>(KafkaClient client, string what, IEnumerable<TKey> items)
    where TKey : notnull
{
    private readonly HashSet<TKey> _left = [.. items];
    private readonly Dictionary<TKey, AdminResult<TValue>> _results = [];
    private readonly Dictionary<TKey, KafkaException> _passing = [];
    private KafkaException? _last;

    /// <summary>The items that have no result yet.</summary>
    public IReadOnlyCollection<TKey> Left => _left;

    /// <summary>Gives an item its value.</summary>
    public void Succeed(TKey item, TValue value) => Settle(item, new AdminResult<TValue>(value, null));

    /// <summary>Gives an item its error; one that may pass is kept for another attempt.</summary>
    public void Fail(TKey item, ErrorCode code, string? message = null, string? topic = null, int? partition = null)
    {
        var error = new BrokerErrorException(code, $"{what} {item} failed", message, topic, partition);
        if (error.IsRetriable && _left.Contains(item))
            _passing[item] = error;
        else
            Settle(item, new AdminResult<TValue>(default, error));
    }

    /// <summary>Gives an item an error that would pass elsewhere but counts as final here.</summary>
    public void Refuse(TKey item, ErrorCode code, string? message, string? topic = null, int? partition = null) =>
        Settle(item, new AdminResult<TValue>(default, new BrokerErrorException(code, $"{what} {item} failed", message, topic, partition)));

    /// <summary>Value or error, by the code.</summary>
    public void Settle(TKey item, ErrorCode code, string? message, Func<TValue> value, string? topic = null, int? partition = null)
    {
        if (code == ErrorCode.None)
            Succeed(item, value());
        else
            Fail(item, code, message, topic, partition);
    }

    /// <summary>Asks until everything is settled or the time is over.</summary>
    /// <param name="attempt">Asks for <see cref="Left"/>; what it does not settle is asked for again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KafkaException">The call failed as a whole: nobody could be asked, or it is not supported.</exception>
    public async ValueTask<IReadOnlyDictionary<TKey, AdminResult<TValue>>> RunAsync(
        Func<CancellationToken, ValueTask> attempt,
        CancellationToken cancellationToken)
    {
        var options = client.Options;
        var backoff = new ExponentialBackoff(options.RetryBackoff, options.RetryBackoffMax);
        using var expired = new CancellationTokenSource(options.ApiTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        for (var failures = 1; _left.Count > 0; failures++)
        {
            try
            {
                await AttemptAsync(attempt, either.Token).ConfigureAwait(false);
                if (_left.Count == 0)
                    break;
                client.Metadata.RefreshInBackground(null);
                await Task.Delay(backoff.After(failures), options.TimeProvider, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (expired.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                Expire();
            }
        }

        return _results;
    }

    /// <summary>As <see cref="RunAsync"/>, for calls without values: null stands for success.</summary>
    public async ValueTask<IReadOnlyDictionary<TKey, KafkaException?>> RunForErrorsAsync(
        Func<CancellationToken, ValueTask> attempt,
        CancellationToken cancellationToken)
    {
        var results = await RunAsync(attempt, cancellationToken).ConfigureAwait(false);
        return results.ToDictionary(result => result.Key, result => result.Value.Error);
    }

    private async ValueTask AttemptAsync(Func<CancellationToken, ValueTask> attempt, CancellationToken cancellationToken)
    {
        try
        {
            await attempt(cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException e) when (e.IsRetriable)
        {
            _last = e;
        }
    }

    private void Expire()
    {
        if (_results.Count == 0 && _passing.Count == 0)
            throw new KafkaTimeoutException(
                $"{what} was not done within {client.Options.ApiTimeout.TotalMilliseconds:0} ms (default.api.timeout.ms). {_last?.Message}",
                _last);
        foreach (var item in _left.ToArray())
            Settle(
                item,
                new AdminResult<TValue>(
                    default,
                    _passing.GetValueOrDefault(item) ?? _last ?? new KafkaTimeoutException($"{what} {item} was not done in time.")));
    }

    private void Settle(TKey item, AdminResult<TValue> result)
    {
        _left.Remove(item);
        _results[item] = result;
    }
}
