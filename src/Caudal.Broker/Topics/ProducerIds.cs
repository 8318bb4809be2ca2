namespace Caudal.Broker.Topics;

/// <summary>
/// Gives every idempotent producer an id that none has had before, also across restarts: ids are reserved on disk in blocks before use.
/// </summary>
/// <remarks>Thread safe.</remarks>
internal sealed class ProducerIds(TopicRegistry registry) : IDisposable
{
    private const int BlockSize = 1000;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _next;
    private long _end;

    /// <summary>Takes the next id.</summary>
    public async ValueTask<long> NextAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_next == _end)
            {
                _next = await registry.ReserveProducerIdsAsync(BlockSize).ConfigureAwait(false);
                _end = _next + BlockSize;
            }

            return _next++;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();
}
