namespace Caudal.Client.Producing;

/// <content>Giving records up because the user wants it.</content>
internal sealed partial class PartitionQueue
{
    /// <summary>Gives up what was never sent, and if asked what is on its way too.</summary>
    /// <returns>How many records.</returns>
    public int Purge(PurgeScope scope)
    {
        lock (Lock)
        {
            if (_open is not null)
                Seal_UnderLock();
            var count = 0;
            var sent = false;
            for (var i = _batches.Count - 1; i >= 0; i--)
            {
                var batch = _batches[i];
                if (batch.WasSent && scope == PurgeScope.Unsent)
                    continue;
                sent |= batch.WasSent;
                count += batch.Count;
                // What is on the wire may still be read by its connection.
                Finish_UnderLock(batch, -1, -1, new RecordPurgedException(batch.WasSent), mayReuse: !batch.WasSent);
            }

            // Nothing is sent until what is on the wire is answered, as after a failure: places in the list say what is on the wire.
            _isMuted |= sent && InFlight > 0;
            // Which numbers the broker has seen is not known any more; those of a new epoch start from 0 (KIP-360).
            if (sent && Options.IsIdempotent && _producerId >= 0)
            {
                accumulator.NewEpoch(ref _producerId, ref _epoch);
                _nextSequence = 0;
            }

            return count;
        }
    }
}
