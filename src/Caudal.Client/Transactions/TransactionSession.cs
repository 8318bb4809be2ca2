using Caudal.Client.Connections;
using Caudal.Client.Producing;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Transactions;

/// <summary>
/// The transactional side of a producer: its identity, its one open transaction, and what is said to coordinators (KIP-98, KIP-360,
/// KIP-447, KIP-588, KIP-890).
/// </summary>
/// <remarks>
/// Thread safe; beginning, sending offsets, committing and aborting have their turn one after another. A transaction goes through
/// 1. begin: get an identity, or a new epoch after an abort that left open what was written; 2. records: a partition may be sent once
/// <see cref="Admits"/> says so; 3. commit: deliver everything, then end it at the coordinator; or abort: drop what is not on its way,
/// wait for what is, then end it at the coordinator.
/// </remarks>
#pragma warning disable CA1001 // A semaphore that is only awaited holds nothing to dispose of, and may be asked for after the end.
internal sealed partial class TransactionSession
#pragma warning restore CA1001
{
    // Version 5 means: brokers add partitions by themselves, and every end gives a new epoch (KIP-890).
    private const short LastFirstVersion = 4;

    private readonly RecordAccumulator _accumulator;
    private readonly CoordinatorRequests _requests;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);

    // Guards the following.
    private readonly Lock _lock = new();
    private ProducerIdentity _identity = ProducerIdentity.None;
    private TransactionException? _fatal;

    // Whoever has the turn changes the following.
    private OpenTransaction? _current;
    private bool _needsIdentity = true;
    private bool _isV2;

    public TransactionSession(RecordAccumulator accumulator, string id)
    {
        _accumulator = accumulator;
        _requests = new CoordinatorRequests(accumulator.Client);
        _logger = accumulator.Client.Options.LoggerFactory.CreateLogger<TransactionSession>();
        Id = id;
    }

    public string Id { get; }

    /// <summary>The identity under which batches are numbered now.</summary>
    public ProducerIdentity Identity
    {
        get
        {
            lock (_lock)
                return _identity;
        }

        private set
        {
            lock (_lock)
                _identity = value;
        }
    }

    /// <summary>The highest version of Produce: from 12 on brokers add partitions to transactions by themselves.</summary>
    public short MaxProduceVersion => Volatile.Read(ref _current) is { IsV2: true } ? (short)12 : (short)11;

    private TimeSpan Limit => _accumulator.Options.MaxBlock;

    private (CoordinatorKind, string) Coordinator => (CoordinatorKind.Transaction, Id);

    /// <summary>Begins a transaction.</summary>
    public async ValueTask<OpenTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var stop = LinkStop(cancellationToken);
        try
        {
            _accumulator.ThrowIfClosed();
            ThrowIfFatal();
            if (_current is { IsEnded: false, Phase: TransactionPhase.Open or TransactionPhase.Committing })
            {
                throw new InvalidOperationException(
                    $"A transaction of '{Id}' is open already; commit or abort it first. "
                    + "For several at a time use several producers, each with a transactional.id of its own.");
            }

            // One that was given up while it was being ended.
            if (_current is { IsEnded: false } left)
                await EndAsync(left, left.Phase == TransactionPhase.CommitSent, stop.Token).ConfigureAwait(false);
            if (_needsIdentity)
                await GetIdentityAsync(stop.Token).ConfigureAwait(false);
            _isV2 = await _requests.IsSecondVersionAsync(Coordinator, stop.Token).ConfigureAwait(false) ?? _isV2;
            var transaction = new OpenTransaction(Id, _isV2).Begin();
            Volatile.Write(ref _current, transaction);
            return transaction;
        }
        catch (OperationCanceledException) when (IsClosed(cancellationToken))
        {
            throw Closed();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Delivers everything and commits.</summary>
    public async ValueTask CommitAsync(OpenTransaction transaction, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var stop = LinkStop(cancellationToken);
        try
        {
            transaction.BeginCommit();
            await _accumulator.FlushAsync(stop.Token).ConfigureAwait(false);
            await transaction.Registering.WaitAsync(stop.Token).ConfigureAwait(false);
            transaction.CommitSent();
            await EndAsync(transaction, commit: true, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsClosed(cancellationToken))
        {
            throw Closed();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Drops everything that is not on its way, waits for the rest, and aborts.</summary>
    public async ValueTask AbortAsync(OpenTransaction transaction, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var stop = LinkStop(cancellationToken);
        try
        {
            if (!transaction.BeginAbort())
                return;
            await DropAsync(new TransactionAbortedException($"The transaction of '{Id}' was aborted: the record does not count."))
                .WaitAsync(stop.Token).ConfigureAwait(false);
            await transaction.Registering.WaitAsync(stop.Token).ConfigureAwait(false);
            await EndAsync(transaction, commit: false, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsClosed(cancellationToken))
        {
            throw Closed();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Ends a transaction that its user leaves: finishes a commit that was begun at the coordinator, else aborts. Never throws.
    /// </summary>
    public async ValueTask LeaveAsync(OpenTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            if (transaction.IsEnded)
                return;
            if (transaction.Phase == TransactionPhase.CommitSent)
            {
                await CommitAsync(transaction, cancellationToken).ConfigureAwait(false);
            }
            else if (transaction.Error is { IsFatal: true } fatal)
            {
                await DropAsync(fatal).WaitAsync(cancellationToken).ConfigureAwait(false);
                End(transaction, committed: false);
            }
            else
            {
                await AbortAsync(transaction, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is KafkaException or OperationCanceledException or InvalidOperationException)
        {
            // The next one that begins, or the coordinator's timeout, ends it.
            Log.NotEnded(_logger, Id, e.Message);
        }
    }

    /// <summary>Ends what is open: the producer is being closed.</summary>
    public ValueTask CloseAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _current) is { } open ? LeaveAsync(open, cancellationToken) : ValueTask.CompletedTask;

    /// <summary>
    /// A batch is about to be given up, so its transaction cannot be committed. Comes before anybody is told of the batch, under its
    /// partition's lock: a commit that waits for the batch must find the transaction failed.
    /// </summary>
    /// <param name="error">Why.</param>
    /// <param name="unsure">Whether it may have been written all the same.</param>
    public void BatchFails(KafkaException error, bool unsure)
    {
        if (error is ClientClosedException || Volatile.Read(ref _current) is not { IsEnded: false } transaction)
            return;
        var verdict = error is BrokerErrorException refused ? TransactionErrors.OfLeader(refused.Code) : TransactionVerdict.Abort;
        Mark(transaction, TransactionErrors.Of(Id, verdict, error), unsure || verdict == TransactionVerdict.AbortWithNewEpoch);
    }

    /// <summary>Drops what is left of a transaction that failed: comes after <see cref="BatchFails"/>, without the lock.</summary>
    public void DropFailed()
    {
        if (Volatile.Read(ref _current)?.Error is not { } error)
            return;
        Log.Failed(_logger, Id, error.Message);
        _ = DropAsync(error);
    }

    /// <summary>It is open what became of a batch that was dropped with its transaction.</summary>
    public void NoteUnsure() => Volatile.Read(ref _current)?.NoteUnsure();

    private void Fail(OpenTransaction transaction, TransactionException error, bool newEpoch)
    {
        Log.Failed(_logger, Id, error.Message);
        Mark(transaction, error, newEpoch);
        // Whoever waits for records of it is told now rather than when it is aborted.
        _ = DropAsync(error);
    }

    private void Mark(OpenTransaction transaction, TransactionException error, bool newEpoch)
    {
        if (error.IsFatal)
        {
            lock (_lock)
                _fatal ??= error;
        }

        transaction.Fail(error, newEpoch);
    }

    private Task DropAsync(KafkaException error)
    {
        List<Task> tasks = [];
        foreach (var partition in _accumulator.Partitions)
        {
            if (partition.Drop(error) is { IsCompleted: false } task)
                tasks.Add(task);
        }

        return Task.WhenAll(tasks);
    }

    private async ValueTask EndAsync(OpenTransaction transaction, bool commit, CancellationToken cancellationToken)
    {
        if (!transaction.IsStarted)
        {
            End(transaction, commit);
            return;
        }

        var what = commit ? $"Committing the transaction of '{Id}'" : $"Aborting the transaction of '{Id}'";
        var identity = Identity;
        var (response, error) = await _requests.AskAsync<EndTxnRequest, EndTxnResponse>(
            Coordinator,
            _ => new EndTxnRequest
            {
                TransactionalId = Id,
                ProducerId = identity.Id,
                ProducerEpoch = identity.Epoch,
                Committed = commit,
            },
            transaction.IsV2 ? short.MaxValue : LastFirstVersion,
            static answer => (ErrorCode)answer.ErrorCode,
            what,
            Limit,
            cancellationToken).ConfigureAwait(false);
        if (error == ErrorCode.None)
        {
            if (transaction.IsV2 && response.ProducerId >= 0)
                Identity = new ProducerIdentity(response.ProducerId, response.ProducerEpoch);
            else
                _needsIdentity |= transaction.NeedsNewEpoch;
            End(transaction, commit);
            return;
        }

        var failure = new BrokerErrorException(error, $"{what} failed");
        var verdict = TransactionErrors.OfCoordinator(error);
        if (!commit && (error == ErrorCode.InvalidTxnState || verdict is TransactionVerdict.Abort or TransactionVerdict.AbortWithNewEpoch))
        {
            // There is nothing left to abort; the new epoch makes sure of it.
            _needsIdentity = true;
            End(transaction, committed: false);
            return;
        }

        var exception = TransactionErrors.Of(Id, verdict, failure);
        if (commit && !exception.IsFatal)
            transaction.CommitRefused(exception);
        Fail(transaction, exception, newEpoch: true);
        if (exception.IsFatal)
            End(transaction, committed: false);
        throw exception;
    }

    private static void End(OpenTransaction transaction, bool committed)
    {
        transaction.End(committed);
        transaction.Dispose();
    }

    private void ThrowIfFatal()
    {
        lock (_lock)
        {
            if (_fatal is not null)
                throw _fatal;
        }
    }

    private CancellationTokenSource LinkStop(CancellationToken cancellationToken) =>
        CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _accumulator.Stopped);

    private bool IsClosed(CancellationToken cancellationToken) =>
        _accumulator.Stopped.IsCancellationRequested && !cancellationToken.IsCancellationRequested;

    private ClientClosedException Closed() => new(
        $"Producer '{Id}' was closed before its transaction was ended; the coordinator aborts it after transaction.timeout.ms.");

    private static partial class Log
    {
        [LoggerMessage(1501, LogLevel.Warning, "The transaction of {Id} failed: {Reason}")]
        public static partial void Failed(ILogger logger, string id, string reason);

        [LoggerMessage(1502, LogLevel.Warning, "The transaction of {Id} could not be ended: {Reason}")]
        public static partial void NotEnded(ILogger logger, string id, string reason);

        [LoggerMessage(1503, LogLevel.Debug, "Producer {Id} has the id {ProducerId} in epoch {Epoch}")]
        public static partial void Identified(ILogger logger, string id, long producerId, short epoch);
    }
}
