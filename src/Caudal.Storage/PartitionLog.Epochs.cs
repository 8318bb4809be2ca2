namespace Caudal.Storage;

public sealed partial class PartitionLog
{
    // One writer of the epochs' file at a time.
    private readonly Lock _writingEpochs = new();

    /// <summary>Where an epoch ended, as OffsetForLeaderEpoch answers (KIP-101).</summary>
    /// <param name="leaderEpoch">The epoch asked for.</param>
    /// <returns>
    /// The largest known epoch up to the one asked for and the offset after its last record: <see cref="EndOffset"/> for the current
    /// epoch; (−1, −1) for a negative or later one.
    /// </returns>
    public (int Epoch, long EndOffset) EndOffsetFor(int leaderEpoch) => _epochs.EndOf(leaderEpoch, EndOffset);

    /// <summary>Begins the next leader epoch at the log's end, as a broker does that takes over a partition.</summary>
    /// <param name="leaderEpoch">The epoch; −1 for the one after the current. An epoch that is not later changes nothing.</param>
    /// <param name="cancellationToken">Gives up waiting for the file; the epoch has begun.</param>
    /// <returns>The epoch that holds now.</returns>
    /// <exception cref="StorageException">The epoch began, but cannot be written down.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public async ValueTask<int> BecomeLeaderAsync(int leaderEpoch = -1, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var epoch = leaderEpoch < 0 ? LeaderEpoch + 1 : leaderEpoch;
            if (_state != State.Open || epoch <= LeaderEpoch)
                return LeaderEpoch;
            _epochs.Assign(epoch, _endOffset);
            _needsWriting = true;
            leaderEpoch = epoch;
        }

        // Whoever waits for an older epoch's records has to look again.
        _waiters.Notify();
        if (_directory is null)
            return leaderEpoch;
        try
        {
            await Task.Run(WriteEpochs, cancellationToken).ConfigureAwait(false);
            return leaderEpoch;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The leader epochs of {Name} cannot be written: {e.Message}", e);
        }
    }

    private void WriteEpochs()
    {
        lock (_writingEpochs)
            _directory!.WriteEpochs(_epochs, sync: _context.SurvivesPowerCuts);
    }

    /// <summary>The leader epoch under which an offset was appended, or would be.</summary>
    /// <returns>−1 if it is not known: the offset lies before all that is known of epochs.</returns>
    public int EpochAt(long offset) => _epochs.EpochAt(offset);
}
