using Caudal.Client.Transactions;
using Caudal.Protocol.Records;

namespace Caudal.Client.Producing;

/// <summary>How appending a record went.</summary>
internal enum AppendOutcome
{
    /// <summary>It is in a batch.</summary>
    Appended,

    /// <summary>The memory budget has no room for it.</summary>
    NoRoom,
}

/// <summary>The records of one partition on their way: the batch that is being filled, and the complete ones in their order.</summary>
/// <remarks>
/// <see cref="Lock"/> guards everything. The first <see cref="InFlight"/> of the complete batches are on the wire. When one of them fails
/// nothing more is sent
/// until all of them are answered; then sending starts again with the oldest that is left. That keeps the order whatever fails.
/// A partition is sent by one <see cref="BrokerSender"/> at a time, and changes it only while nothing is in flight.
/// </remarks>
internal sealed partial class PartitionQueue(RecordAccumulator accumulator, ProducerTopic topic, int index)
{
    private const int FirstCapacity = 4 * 1024;

    // Sealed batches, the oldest first.
    private readonly List<ProducerBatch> _batches = [];
    private ProducerBatch? _open;
    private int _capacity = FirstCapacity;
    private int _completions;
    private int _limit = accumulator.Options.BatchSize;

    // In a sender's queue.
    private bool _isScheduled;
    private bool _isMuted;
    private int _failures;
    private long _retryAt;
    private bool _timerIsSet;

    public Lock Lock { get; } = new();

    public ProducerTopic Topic => topic;

    public int Index => index;

    public ProducerOptions Options => accumulator.Options;

    /// <summary>Who sends it now; null while its leader is unknown.</summary>
    public BrokerSender? Sender { get; private set; }

    /// <summary>The leader by the latest metadata.</summary>
    public int LeaderId { get; private set; } = -1;

    public int InFlight { get; private set; }

    /// <summary>Appends a record to the open batch, or to a new one when that is full.</summary>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="keyIsNull">Whether the key is null.</param>
    /// <param name="value">The value's bytes.</param>
    /// <param name="valueIsNull">Whether the value is null.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="size">The most bytes that the record takes in a batch.</param>
    /// <param name="target">Who is told of it, or null.</param>
    /// <param name="transaction">The transaction that it belongs to, or null.</param>
    public AppendOutcome Append(
        long timestamp,
        ReadOnlySpan<byte> key,
        bool keyIsNull,
        ReadOnlySpan<byte> value,
        bool valueIsNull,
        ReadOnlySpan<RecordHeader> headers,
        int size,
        object? target,
        OpenTransaction? transaction)
    {
        lock (Lock)
        {
            accumulator.ThrowIfClosed();
            // Under the lock: whoever ends the transaction takes it afterwards, and finds the record or keeps it out.
            transaction?.ThrowIfNotOpen();
            if (_open is { } open)
            {
                if (open.RawBytes + size > open.Reserved && !accumulator.Grow(open, size))
                    return AppendOutcome.NoRoom;
                if (open.TryAppend(timestamp, key, keyIsNull, value, valueIsNull, headers, _limit))
                {
                    Appended_UnderLock(open, timestamp, target);
                    return AppendOutcome.Appended;
                }

                Seal_UnderLock();
                TrySchedule_UnderLock();
            }

            var batch = new ProducerBatch(
                this, accumulator.Pools, Math.Max(_capacity, size + RecordBatchHeader.Size), _completions, accumulator.Now);
            if (!accumulator.Grow(batch, size + RecordBatchHeader.Size))
            {
                batch.Dispose();
                return AppendOutcome.NoRoom;
            }

            batch.TryAppend(timestamp, key, keyIsNull, value, valueIsNull, headers, _limit);
            _open = batch;
            Appended_UnderLock(batch, timestamp, target);
            if (!batch.IsDue)
                Linger_UnderLock(batch);
            return AppendOutcome.Appended;
        }
    }

    /// <summary>Takes note of the leader; moves to its sender as soon as nothing is in flight.</summary>
    public void SetLeader(int leaderId)
    {
        lock (Lock)
        {
            if (leaderId == LeaderId && (Sender is not null || leaderId < 0))
                return;
            LeaderId = leaderId;
            TrySchedule_UnderLock();
        }
    }

    /// <summary>Sends what there is without waiting for more.</summary>
    public void Hurry()
    {
        lock (Lock)
        {
            if (_open is not { } open)
                return;
            open.IsDue = true;
            TrySchedule_UnderLock();
        }
    }

    /// <summary>As <see cref="Hurry"/>, and adds the tasks of all batches that are under way.</summary>
    public void Flush(List<Task> tasks)
    {
        lock (Lock)
        {
            if (_open is { } open)
            {
                open.IsDue = true;
                TrySchedule_UnderLock();
                // Scheduling may have sealed it.
                if (_open is not null)
                    tasks.Add(_open.WhenDone_UnderLock());
            }

            foreach (var batch in _batches)
                tasks.Add(batch.WhenDone_UnderLock());
        }
    }

    /// <summary>The timer that lingering or a retry had set.</summary>
    public void TimerElapsed(ProducerBatch? lingered)
    {
        lock (Lock)
        {
            if (lingered is null)
                _timerIsSet = false;
            else if (lingered == _open)
                lingered.IsDue = true;
            TrySchedule_UnderLock();
        }
    }

    /// <summary>Queues the partition at its sender if there is something that may be sent now.</summary>
    public void TrySchedule_UnderLock()
    {
        if (InFlight == 0 && (Sender is null || Sender.BrokerId != LeaderId))
        {
            Sender = accumulator.SenderOf(LeaderId);
            _isScheduled = false;
        }

        if (_isScheduled || !MaySend_UnderLock() || !HasDue_UnderLock() || !IsAdmitted_UnderLock())
            return;
        var wait = _retryAt - accumulator.Now;
        if (Sender is null)
        {
            // Nobody leads it, as far as is known: ask, and look again after a while.
            if (!_timerIsSet)
                accumulator.RefreshTopic(topic.Name);
            wait = Math.Max(wait, accumulator.RetryTicks);
        }

        if (wait > 0)
        {
            SetTimer_UnderLock(wait);
            return;
        }

        _isScheduled = true;
        Sender!.Enqueue(this);
    }

    /// <summary>Hands the next batch out to be sent.</summary>
    /// <param name="sender">Who asks; a sender that the partition has left gets nothing.</param>
    /// <param name="room">The most bytes that it may have, or <see cref="int.MaxValue"/>.</param>
    /// <param name="identity">The producer's id, for a partition that has none yet.</param>
    /// <param name="tooLarge">Whether there is one that has more bytes than <paramref name="room"/>; the partition stays scheduled.</param>
    public ProducerBatch? Take(BrokerSender sender, int room, ProducerIdentity identity, out bool tooLarge)
    {
        lock (Lock)
        {
            tooLarge = false;
            if (Sender != sender || !_isScheduled)
                return null;
            _isScheduled = false;
            if (!MaySend_UnderLock() || !IsAdmitted_UnderLock())
                return null;
            if (_batches.Count == InFlight && _open is { IsDue: true })
                Seal_UnderLock();
            if (_batches.Count == InFlight || !_batches[InFlight].IsPrepared)
                return null;
            var batch = _batches[InFlight];
            if (batch.SizeInBytes > room)
            {
                tooLarge = _isScheduled = true;
                return null;
            }

            Number_UnderLock(batch, identity);
            InFlight++;
            batch.WasSent = true;
            TrySchedule_UnderLock();
            return batch;
        }
    }

    private void Appended_UnderLock(ProducerBatch batch, long timestamp, object? target)
    {
        if (target is null)
            return;
        batch.Track(target, timestamp);
        // Awaited, and nothing of this partition is on its way: waiting for company would only add to the latency.
        if (!batch.IsDue && target is PendingDelivery && _batches.Count == 0)
        {
            batch.IsDue = true;
            TrySchedule_UnderLock();
        }
    }

    private void Linger_UnderLock(ProducerBatch batch)
    {
        if (accumulator.LingerTicks > 0)
        {
            accumulator.Timers.Add(this, batch, accumulator.LingerTicks);
            return;
        }

        batch.IsDue = true;
        TrySchedule_UnderLock();
    }

    private void Seal_UnderLock()
    {
        var batch = _open!;
        _open = null;
        // The next batch will be like this one.
        _capacity = Math.Clamp(batch.RawBytes, FirstCapacity, Math.Max(Options.BatchSize, FirstCapacity));
        _completions = batch.CompletionCount;
        _batches.Add(batch);
        topic.Sealed(index, batch.RawBytes);
        batch.Seal();
    }

    // Brokers recognise a repetition among a producer's last five batches only. While it is open whether the oldest was written, nothing
    // may overtake it, or
    // an answer that is lost again would leave it further behind than that.
    private bool MaySend_UnderLock() =>
        !_isMuted && InFlight < Options.MaxInFlight && (InFlight == 0 || !_batches[0].IsUnsure || !Options.IsIdempotent);

    // A transaction may have to register the partition first, and sends nothing more once it failed.
    private bool IsAdmitted_UnderLock() => accumulator.Transactions is not { } transactions || transactions.Admits(this);

    private bool HasDue_UnderLock()
    {
        if (_batches.Count > InFlight)
            return _batches[InFlight].IsPrepared;
        return _open is { IsDue: true };
    }

    private void SetTimer_UnderLock(long ticks)
    {
        if (_timerIsSet)
            return;
        _timerIsSet = true;
        accumulator.Timers.Add(this, null, ticks);
    }
}
