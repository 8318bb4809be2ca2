using Caudal.Broker.StateLogs;
using Caudal.Protocol;

namespace Caudal.Broker.Transactions;

/// <content>The start: what the log says, and what a crash left half done.</content>
internal sealed partial class TransactionCoordinator
{
    /// <summary>
    /// Reads all transactional ids from the log, goes on with the transactions whose outcome is decided, and begins to watch over the
    /// others. Call it once, before any request.
    /// </summary>
    /// <remarks>
    /// Open transactions are the same age as before. A record that cannot be read is logged and skipped. Markers are written in the
    /// background.
    /// </remarks>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await _log.ReadAllAsync(Replay, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            var ending = _ids.Values.Where(static id => id.IsEnding).ToArray();
            Log.Loaded(_logger, _ids.Count, _log.Topic, ending.Length);
            foreach (var id in ending)
                id.Ending = ResumeAsync(id);
            StartTimers();
        }
    }

    private async Task ResumeAsync(TransactionalId id)
    {
        // Not under the lock of whoever starts it.
        await Task.Yield();
        await FinishAsync(id, id.Status).ConfigureAwait(false);
    }

    private void Replay(StateEntry entry)
    {
        if (entry.Marker is not null)
            return;
        try
        {
            var id = TransactionRecords.ReadKey(entry.Key);
            lock (_gate)
            {
                if (entry.Value is { } value)
                    _ids[id] = new TransactionalId(id, TransactionRecords.ReadValue(value));
                else
                    _ids.Remove(id);
            }
        }
        catch (KafkaException e)
        {
            Log.Skipped(_logger, _log.Topic, e.Message);
        }
    }
}
