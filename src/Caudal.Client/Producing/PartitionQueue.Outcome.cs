using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Client.Producing;

/// <content>What becomes of batches on the wire, and the numbering that makes repetitions harmless (KIP-98, KIP-360).</content>
internal sealed partial class PartitionQueue
{
    private long _producerId = -1;
    private short _epoch = -1;
    private int _nextSequence;
    private TaskCompletionSource? _dropped;
    private KafkaException? _dropReason;

    /// <summary>A batch was written.</summary>
    /// <param name="batch">The batch, which was on the wire.</param>
    /// <param name="baseOffset">The offset of its first record, or −1.</param>
    /// <param name="logAppendTime">The broker's time, or −1 if the records keep theirs.</param>
    public void Acknowledge(ProducerBatch batch, long baseOffset, long logAppendTime)
    {
        lock (Lock)
        {
            InFlight--;
            if (batch.IsDone)
            {
                Answered_UnderLock();
                return;
            }

            _failures = 0;
            _retryAt = 0;
            Finish_UnderLock(batch, baseOffset, logAppendTime, null);
            Answered_UnderLock();
        }
    }

    /// <summary>A batch could not be written, or nobody knows.</summary>
    /// <param name="batch">The batch, which was on the wire.</param>
    /// <param name="verdict">What is to be done about it.</param>
    /// <param name="error">Why.</param>
    public void Fail(ProducerBatch batch, ProduceVerdict verdict, KafkaException error)
    {
        bool dooms;
        lock (Lock)
        {
            InFlight--;
            if (batch.IsDone)
            {
                Answered_UnderLock();
                return;
            }

            batch.LastError = error;
            batch.IsUnsure = verdict == ProduceVerdict.Unsure || (
                batch.IsUnsure && verdict is not (ProduceVerdict.Reject or ProduceVerdict.Split));
            // Behind a batch that failed, a gap in the numbers is what the broker must see.
            if (verdict == ProduceVerdict.Renumber && (_isMuted || _batches[0] != batch))
                verdict = ProduceVerdict.Retry;
            if (verdict == ProduceVerdict.Split && batch.Count == 1)
                verdict = ProduceVerdict.Reject;
            dooms = verdict is ProduceVerdict.Reject or ProduceVerdict.Renumber;
            if (dooms)
                accumulator.Transactions?.BatchFails(error, unsure: verdict == ProduceVerdict.Renumber);
            if (verdict == ProduceVerdict.Reject)
            {
                Skip_UnderLock(batch);
                Finish_UnderLock(batch, -1, -1, error);
            }
            else if (verdict == ProduceVerdict.Split)
            {
                Split_UnderLock(batch);
            }
            else if (verdict == ProduceVerdict.Renumber && accumulator.Transactions is null)
            {
                accumulator.NewEpoch(ref _producerId, ref _epoch);
                _nextSequence = 0;
                foreach (var left in _batches)
                    left.BaseSequence = -1;
            }

            if (verdict is not (ProduceVerdict.Reject or ProduceVerdict.Split) && !_isMuted)
            {
                _failures++;
                _retryAt = accumulator.Now + accumulator.RetryTicksAfter(_failures, error);
            }

            _isMuted = true;
            Answered_UnderLock();
        }

        if (dooms)
            accumulator.Transactions?.DropFailed();
    }

    /// <summary>Gives up what is too old, unless it may have been written and may still be found out.</summary>
    /// <param name="oldest">The clock's timestamp before which batches are too old.</param>
    public void Expire(long oldest)
    {
        var dooms = false;
        lock (Lock)
        {
            // A transaction can be aborted whatever was written of it.
            var mayBeUnsure = !Options.IsIdempotent || accumulator.Transactions is not null;
            if (InFlight > 0 || (!mayBeUnsure && _batches.Exists(batch => batch.IsUnsure)))
                return;
            if (_open is { } open && open.Created <= oldest)
                Seal_UnderLock();
            for (; _batches.Count > 0 && _batches[0].Created <= oldest; dooms = true)
                Expire_UnderLock(_batches[0]);
        }

        if (dooms)
            accumulator.Transactions?.DropFailed();
    }

    /// <summary>Gives up everything that is not on the wire now, and the rest when it is answered: its transaction is over.</summary>
    /// <returns>Completes when nothing is left. What was acknowledged meanwhile was acknowledged.</returns>
    public Task Drop(KafkaException error)
    {
        lock (Lock)
        {
            if (InFlight > 0)
            {
                _dropReason ??= error;
                return (_dropped ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            Drop_UnderLock(error);
            return Task.CompletedTask;
        }
    }

    /// <summary>Looks again whether there is something that may be sent.</summary>
    public void Reschedule()
    {
        lock (Lock)
            TrySchedule_UnderLock();
    }

    /// <summary>Gives up everything, wherever it is.</summary>
    public void Abandon(KafkaException error)
    {
        lock (Lock)
        {
            if (_open is not null)
                Seal_UnderLock();
            while (_batches.Count > 0)
                Finish_UnderLock(_batches[0], -1, -1, error);
            _isMuted |= InFlight > 0;
        }
    }

    private void Drop_UnderLock(KafkaException error)
    {
        if (_open is not null)
            Seal_UnderLock();
        while (_batches.Count > 0)
        {
            if (_batches[0].IsUnsure)
                accumulator.Transactions?.NoteUnsure();
            Skip_UnderLock(_batches[0]);
            Finish_UnderLock(_batches[0], -1, -1, error);
        }

        _retryAt = 0;
        _failures = 0;
        _dropReason = null;
        _dropped?.TrySetResult();
        _dropped = null;
    }

    private void Expire_UnderLock(ProducerBatch batch)
    {
        var why = batch.LastError is { } last
            ? $"Last: {last.Message}"
            : LeaderId < 0 ? "The partition has no leader that is known." : "Its broker did not take it.";
        var error = new KafkaTimeoutException(
            $"Records for {topic.Name}-{index} were not delivered within {Options.DeliveryTimeout.TotalMilliseconds:0} ms "
            + $"(delivery.timeout.ms). {why}",
            batch.LastError);
        accumulator.Transactions?.BatchFails(error, batch.IsUnsure);
        Skip_UnderLock(batch);
        Finish_UnderLock(batch, -1, -1, error);
    }

    private void Finish_UnderLock(
        ProducerBatch batch, long baseOffset, long logAppendTime, KafkaException? error, bool mayReuse = true)
    {
        _batches.Remove(batch);
        // A batch that is given up while it is on the wire may still be read by the connection.
        var tell = batch.Finish_UnderLock(reuse: mayReuse && error is not ClientClosedException);
        accumulator.Done(batch, tell, baseOffset, logAppendTime, error);
    }

    // The halves take the batch's place. Later batches are not made that large again.
    private void Split_UnderLock(ProducerBatch batch)
    {
        Skip_UnderLock(batch);
        _limit = Math.Min(_limit, Math.Max(batch.RawBytes / 2, 1));
        var place = _batches.IndexOf(batch);
        var (first, second) = batch.Split_UnderLock();
        _batches[place] = first;
        _batches.Insert(place + 1, second);
        first.Seal();
        second.Seal();
    }

    private void Answered_UnderLock()
    {
        if (InFlight == 0)
        {
            _isMuted = false;
            if (_dropReason is { } reason)
                Drop_UnderLock(reason);
        }

        if (_open is { IsAwaited: true, IsDue: false } open && _batches.Count == 0)
            open.IsDue = true;
        TrySchedule_UnderLock();
    }

    // The batch will be missing. The broker has written nothing behind the gap, so what comes after the batch is numbered anew, from its
    // place on. What is before
    // it keeps its numbers: it may have been written.
    private void Skip_UnderLock(ProducerBatch batch)
    {
        if (batch.BaseSequence < 0)
            return;
        _nextSequence = batch.BaseSequence;
        for (var i = _batches.IndexOf(batch) + 1; i < _batches.Count; i++)
            _batches[i].BaseSequence = -1;
    }

    private void Number_UnderLock(ProducerBatch batch, ProducerIdentity identity)
    {
        if (!Options.IsIdempotent)
        {
            batch.Producer = RecordBatchProducer.None;
            return;
        }

        if (batch.BaseSequence >= 0)
            return;
        if (accumulator.Transactions is { } transactions)
        {
            // It changes only between transactions, while there is no batch.
            identity = transactions.Identity;
            if ((_producerId, _epoch) != (identity.Id, identity.Epoch))
                (_producerId, _epoch, _nextSequence) = (identity.Id, identity.Epoch, 0);
        }
        else if (_producerId < 0)
        {
            (_producerId, _epoch) = (identity.Id, identity.Epoch);
        }

        batch.BaseSequence = _nextSequence;
        batch.Producer = new RecordBatchProducer(_producerId, _epoch, _nextSequence, accumulator.Transactions is not null);
        // Numbers wrap from 2^31 − 1 to 0.
        _nextSequence = unchecked(_nextSequence + batch.Count) & int.MaxValue;
    }
}
