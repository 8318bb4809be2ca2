namespace Caudal.Client.Consuming;

/// <summary>Record after record. Written by hand, because a compiled iterator costs more a record than everything else here.</summary>
internal sealed class RecordStream<TKey, TValue>(
    ConsumerEngine engine, RecordDecoder<TKey, TValue> decoder, CancellationToken cancellationToken)
    : IAsyncEnumerable<ConsumeResult<TKey, TValue>>, IAsyncEnumerator<ConsumeResult<TKey, TValue>>
{
    private CancellationToken _cancellationToken = cancellationToken;
    private CancellationTokenSource? _linked;
    private ConsumeResult<TKey, TValue> _current;
    private RecordBatchLease? _lease;
    private int _position;
    private int _index;
    private bool _started;

    public ConsumeResult<TKey, TValue> Current => _current;

    public IAsyncEnumerator<ConsumeResult<TKey, TValue>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (_started)
            return new RecordStream<TKey, TValue>(engine, decoder, _cancellationToken).GetAsyncEnumerator(cancellationToken);
        _started = true;
        if (!_cancellationToken.CanBeCanceled)
            _cancellationToken = cancellationToken;
        else if (cancellationToken.CanBeCanceled && cancellationToken != _cancellationToken)
            _cancellationToken = (_linked = CancellationTokenSource.CreateLinkedTokenSource(_cancellationToken, cancellationToken)).Token;
        return this;
    }

    public ValueTask<bool> MoveNextAsync()
    {
        if (_lease is { } lease && _index < lease.RecordCount && !engine.IsInterrupted && !lease.IsStale
            && !_cancellationToken.IsCancellationRequested)
        {
            engine.Settle(lease);
            _current = decoder.Read(lease, ref _position, ref _index);
            return ValueTask.FromResult(true);
        }

        return MoveToNextLeaseAsync();
    }

    public ValueTask DisposeAsync()
    {
        engine.GiveBack(_lease);
        _lease = null;
        _linked?.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask<bool> MoveToNextLeaseAsync()
    {
        if (_lease is { } finished)
        {
            if (_cancellationToken.IsCancellationRequested)
            {
                // Disposing keeps what is left.
                engine.Settle(finished);
                _cancellationToken.ThrowIfCancellationRequested();
            }

            _lease = null;
            if (_index < finished.RecordCount)
                engine.CutShort(finished);
            else
                finished.Dispose();
        }

        var next = engine.NextAsync(false, Timeout.InfiniteTimeSpan, _cancellationToken);
        if (!next.IsCompletedSuccessfully)
            return AwaitAsync(next);
        Open(next.Result!);
        return ValueTask.FromResult(true);
    }

    private async ValueTask<bool> AwaitAsync(ValueTask<RecordBatchLease?> next)
    {
        Open((await next.ConfigureAwait(false))!);
        return true;
    }

    private void Open(RecordBatchLease lease)
    {
        _lease = lease;
        (_position, _index) = (0, 0);
        _current = decoder.Read(lease, ref _position, ref _index);
    }
}
