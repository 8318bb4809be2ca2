using Caudal.Client.Producing;

namespace Caudal.Client.Transactions;

/// <summary>How far a transaction has come.</summary>
internal enum TransactionPhase
{
    /// <summary>It takes records.</summary>
    Open,

    /// <summary>Its records are being delivered, so that it can be committed. It can still be aborted.</summary>
    Committing,

    /// <summary>The coordinator was told to commit; only its answer tells whether it did.</summary>
    CommitSent,

    /// <summary>It is being aborted.</summary>
    Aborting,

    /// <summary>It was committed.</summary>
    Committed,

    /// <summary>It was aborted, or can never be committed.</summary>
    Aborted,
}

/// <summary>One transaction: its phase, what went wrong, and which partitions and groups belong to it. Thread safe.</summary>
/// <param name="id">The transactional id.</param>
/// <param name="isV2">Whether brokers add partitions by themselves (KIP-890); without that each is registered first.</param>
internal sealed class OpenTransaction(string id, bool isV2) : IDisposable
{
    private readonly CancellationTokenSource _stopped = new();

    // Guards the following. It is taken under partitions' locks, never the other way round.
    private readonly Lock _lock = new();
    private readonly HashSet<PartitionQueue> _registered = [];
    private readonly HashSet<PartitionQueue> _pending = [];
    private readonly HashSet<string> _groups = new(StringComparer.Ordinal);
    private TransactionPhase _phase;
    private TransactionException? _error;
    private bool _isRegistering;
    private bool _isStopped;
    private Task _registering = Task.CompletedTask;

    // Read for every record.
    private volatile bool _takesRecords = true;

    public bool IsV2 => isV2;

    /// <summary>Whether the coordinator may know of it, so that it has to be ended there.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Whether it is open what of it was written, so that the next one needs a new epoch.</summary>
    public bool NeedsNewEpoch { get; private set; }

    /// <summary>The loop that registers partitions; completed while there is nothing to register.</summary>
    public Task Registering
    {
        get
        {
            lock (_lock)
                return _registering;
        }
    }

    /// <summary>Cancelled when nothing more of it is sent.</summary>
    public CancellationToken Stopped { get; private set; }

    public TransactionPhase Phase
    {
        get
        {
            lock (_lock)
                return _phase;
        }
    }

    public bool IsEnded => Phase is TransactionPhase.Committed or TransactionPhase.Aborted;

    /// <summary>What went wrong; null if nothing did.</summary>
    public TransactionException? Error
    {
        get
        {
            lock (_lock)
                return _error;
        }
    }

    /// <summary>Makes the token that stops with it; apart, because it may not be asked for later.</summary>
    public OpenTransaction Begin()
    {
        Stopped = _stopped.Token;
        return this;
    }

    /// <exception cref="TransactionException">It has failed.</exception>
    /// <exception cref="InvalidOperationException">It is being ended, or ended.</exception>
    public void ThrowIfNotOpen()
    {
        if (!_takesRecords)
            ThrowNotOpen();
    }

    /// <summary>Takes a partition that has something to send.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="register">Starts a loop that registers partitions. Called under locks.</param>
    /// <returns>Whether it may be sent now. If not, it is told when it may.</returns>
    public bool Admit(PartitionQueue partition, Func<OpenTransaction, Task> register)
    {
        lock (_lock)
        {
            if (!IsSending_UnderLock)
                return false;
            if (isV2)
            {
                IsStarted = true;
                return true;
            }

            if (_registered.Contains(partition))
                return true;
            if (_pending.Add(partition) && !_isRegistering)
            {
                _isRegistering = true;
                _registering = register(this);
            }

            return false;
        }
    }

    /// <summary>The partitions to register; none ends the loop that registers.</summary>
    public PartitionQueue[] Pending()
    {
        lock (_lock)
        {
            if (_pending.Count == 0 || !IsSending_UnderLock)
            {
                _isRegistering = false;
                return [];
            }

            IsStarted = true;
            return [.. _pending];
        }
    }

    /// <summary>Partitions were registered.</summary>
    public void Registered(PartitionQueue[] partitions)
    {
        lock (_lock)
        {
            foreach (var partition in partitions)
            {
                _pending.Remove(partition);
                _registered.Add(partition);
            }
        }
    }

    /// <summary>Whether a group's offsets still have to be registered before they are sent.</summary>
    public bool NeedsGroup(string group)
    {
        lock (_lock)
        {
            IsStarted = true;
            return !isV2 && !_groups.Contains(group);
        }
    }

    /// <summary>A group's offsets were registered.</summary>
    public void GroupRegistered(string group)
    {
        lock (_lock)
            _groups.Add(group);
    }

    /// <summary>Something went wrong that does not let it be committed. The first error is the one that is told.</summary>
    public void Fail(TransactionException error, bool newEpoch)
    {
        lock (_lock)
        {
            NeedsNewEpoch |= newEpoch;
            _takesRecords = false;
            if (_error is null || (error.IsFatal && !_error.IsFatal))
                _error = error;
            Stop_UnderLock();
        }
    }

    /// <summary>It is open what became of a batch that was dropped.</summary>
    public void NoteUnsure()
    {
        lock (_lock)
            NeedsNewEpoch = true;
    }

    /// <summary>Takes no more records. May be called again after a commit was cut short.</summary>
    /// <exception cref="TransactionException">It has failed.</exception>
    /// <exception cref="InvalidOperationException">It was aborted or committed.</exception>
    public void BeginCommit()
    {
        lock (_lock)
        {
            if (_phase != TransactionPhase.CommitSent)
            {
                if (_phase is not (TransactionPhase.Open or TransactionPhase.Committing) || _error is not null)
                    ThrowNotOpen_UnderLock();
                _phase = TransactionPhase.Committing;
            }

            _takesRecords = false;
        }
    }

    /// <summary>The coordinator is about to be told to commit.</summary>
    /// <exception cref="TransactionException">It has failed.</exception>
    public void CommitSent()
    {
        lock (_lock)
        {
            if (_error is not null)
                throw _error;
            _phase = TransactionPhase.CommitSent;
        }
    }

    /// <summary>Stops everything that is under way.</summary>
    /// <returns>False if it was aborted already.</returns>
    /// <exception cref="TransactionException">The producer has failed for good.</exception>
    /// <exception cref="InvalidOperationException">It was ended, or may have been committed already.</exception>
    public bool BeginAbort()
    {
        lock (_lock)
        {
            if (_error is { IsFatal: true })
                throw _error;
            if (_phase == TransactionPhase.CommitSent)
            {
                throw new InvalidOperationException(
                    $"The transaction of '{id}' may be committed already, so it cannot be aborted; call CommitAsync again to find out.");
            }

            if (_phase == TransactionPhase.Aborted)
                return false;
            if (_phase == TransactionPhase.Committed)
                ThrowNotOpen_UnderLock();
            _phase = TransactionPhase.Aborting;
            _takesRecords = false;
            Stop_UnderLock();
            return true;
        }
    }

    /// <summary>It is over.</summary>
    public void End(bool committed)
    {
        lock (_lock)
        {
            _phase = committed ? TransactionPhase.Committed : TransactionPhase.Aborted;
            _takesRecords = false;
            Stop_UnderLock();
        }
    }

    /// <summary>The coordinator refused to commit it; it can be aborted again.</summary>
    public void CommitRefused(TransactionException error)
    {
        lock (_lock)
            _phase = TransactionPhase.Committing;
        Fail(error, newEpoch: true);
    }

    public void Dispose() => _stopped.Dispose();

    private bool IsSending_UnderLock => _error is null && (_phase is TransactionPhase.Open or TransactionPhase.Committing);

    private void Stop_UnderLock()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        _ = _stopped.CancelAsync();
    }

    private void ThrowNotOpen()
    {
        lock (_lock)
            ThrowNotOpen_UnderLock();
    }

    private void ThrowNotOpen_UnderLock()
    {
        if (_error is not null && (_error.IsFatal || _phase != TransactionPhase.Aborted))
            throw _error;
        throw new InvalidOperationException(_phase switch
        {
            TransactionPhase.Committed => $"The transaction of '{id}' was committed; begin another one.",
            TransactionPhase.Aborted => $"The transaction of '{id}' was aborted; begin another one.",
            TransactionPhase.Aborting => $"The transaction of '{id}' is being aborted; call AbortAsync again if it was cut short.",
            _ => $"The transaction of '{id}' is being committed and takes nothing more; call CommitAsync again if it was cut short.",
        });
    }
}
