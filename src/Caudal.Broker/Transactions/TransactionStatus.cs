using Caudal.Broker.StateLogs;

namespace Caudal.Broker.Transactions;

/// <summary>What the log says of a transactional id. Immutable: every change is a new one, which counts when it is in the log.</summary>
internal sealed record TransactionStatus
{
    /// <summary>Stands for "no producer id" and "no time".</summary>
    public const long None = -1;

    /// <summary>Stands for "no epoch".</summary>
    public const short NoEpoch = -1;

    // The highest epoch is kept for fencing: a producer that was given the one before it gets a new id.
    private const short LastUsableEpoch = short.MaxValue - 1;

    /// <summary>The producer's id.</summary>
    public required long ProducerId { get; init; }

    /// <summary>The id that the producer had before, if its epochs ran out, else <see cref="None"/>.</summary>
    public long PreviousProducerId { get; init; } = None;

    /// <summary>The id that the producer gets at the end of the transaction because its epochs run out, else <see cref="None"/>.</summary>
    public long NextProducerId { get; init; } = None;

    /// <summary>The producer's epoch.</summary>
    public short Epoch { get; init; } = NoEpoch;

    /// <summary>The epoch before it, by which a producer that lost an answer is recognised (KIP-360). Not in the log.</summary>
    public short LastEpoch { get; init; } = NoEpoch;

    /// <summary>How long a transaction may be open, in ms.</summary>
    public required int TimeoutMs { get; init; }

    /// <summary>The state.</summary>
    public TransactionState State { get; init; } = TransactionState.Empty;

    /// <summary>The partitions of the transaction.</summary>
    public IReadOnlySet<PartitionKey> Partitions { get; init; } = new HashSet<PartitionKey>();

    /// <summary>When the transaction began, in ms since 1970; −1 if there was none.</summary>
    public long StartMs { get; init; } = None;

    /// <summary>When the status changed, in ms since 1970.</summary>
    public required long UpdatedMs { get; init; }

    /// <summary>The version of the transaction protocol that the client follows: 0, or 2 (KIP-890).</summary>
    public short ClientVersion { get; init; }

    /// <summary>Whether every transaction has an epoch of its own.</summary>
    public bool BumpsEpochs => ClientVersion >= 2;

    /// <summary>Whether no epoch is left for a producer.</summary>
    public bool IsExhausted => IsLast(Epoch);

    /// <summary>Whether a producer with this epoch gets a new id instead of the next epoch.</summary>
    public static bool IsLast(short epoch) => epoch >= LastUsableEpoch;

    /// <summary>A producer takes over, or goes on after an error: nothing is open.</summary>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="lastEpoch">The epoch that it had.</param>
    /// <param name="timeoutMs">How long its transactions may be open.</param>
    /// <param name="nowMs">The time.</param>
    public TransactionStatus Initialize(short epoch, short lastEpoch, int timeoutMs, long nowMs) => this with
    {
        Epoch = epoch,
        LastEpoch = lastEpoch,
        NextProducerId = None,
        TimeoutMs = timeoutMs,
        State = TransactionState.Empty,
        Partitions = new HashSet<PartitionKey>(),
        StartMs = None,
        UpdatedMs = nowMs,
    };

    /// <summary>The producer gets another id, with epoch 0.</summary>
    /// <param name="producerId">The id.</param>
    /// <param name="rememberEpoch">Whether the producer asked with its former epoch, and may ask again.</param>
    /// <param name="timeoutMs">How long its transactions may be open.</param>
    /// <param name="nowMs">The time.</param>
    public TransactionStatus Rotate(long producerId, bool rememberEpoch, int timeoutMs, long nowMs) =>
        Initialize(0, rememberEpoch ? Epoch : NoEpoch, timeoutMs, nowMs) with
        {
            ProducerId = producerId,
            PreviousProducerId = ProducerId,
        };

    /// <summary>Partitions join the transaction, which begins with the first.</summary>
    public TransactionStatus Add(IEnumerable<PartitionKey> partitions, short clientVersion, long nowMs)
    {
        var all = new HashSet<PartitionKey>(Partitions);
        all.UnionWith(partitions);
        return this with
        {
            State = TransactionState.Ongoing,
            Partitions = all,
            StartMs = State == TransactionState.Ongoing ? StartMs : nowMs,
            UpdatedMs = nowMs,
            ClientVersion = clientVersion,
        };
    }

    /// <summary>The epoch rises, so that the producer that has the present one can do nothing more.</summary>
    public TransactionStatus Fence() => this with { Epoch = Next(Epoch), LastEpoch = NoEpoch };

    /// <summary>The point of no return: the outcome is decided.</summary>
    /// <param name="isCommit">The outcome.</param>
    /// <param name="clientVersion">The version of the protocol that the client follows; from 2 on the epoch rises.</param>
    /// <param name="nextProducerId">The id that the producer gets next; <see cref="None"/> to keep its own.</param>
    /// <param name="nowMs">The time.</param>
    public TransactionStatus Prepare(bool isCommit, short clientVersion, long nextProducerId, long nowMs) =>
        Prepare(isCommit, nowMs) with
        {
            Epoch = clientVersion >= 2 ? Next(Epoch) : Epoch,
            LastEpoch = clientVersion >= 2 ? Epoch : LastEpoch,
            NextProducerId = nextProducerId,
            ClientVersion = clientVersion,
        };

    /// <summary>The point of no return of a producer that was fenced: its epoch has risen already.</summary>
    public TransactionStatus PrepareFencedAbort(long nowMs) => Prepare(isCommit: false, nowMs);


    /// <summary>All markers are written.</summary>
    public TransactionStatus Complete(long nowMs)
    {
        var rotates = BumpsEpochs && NextProducerId != None;
        return this with
        {
            ProducerId = rotates ? NextProducerId : ProducerId,
            PreviousProducerId = rotates ? ProducerId : PreviousProducerId,
            NextProducerId = None,
            Epoch = rotates ? (short)0 : Epoch,
            State = State == TransactionState.PrepareCommit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort,
            Partitions = new HashSet<PartitionKey>(),
            UpdatedMs = nowMs,
        };
    }

    private TransactionStatus Prepare(bool isCommit, long nowMs) => this with
    {
        State = isCommit ? TransactionState.PrepareCommit : TransactionState.PrepareAbort,
        // One without partitions is open from now to now.
        StartMs = State == TransactionState.Ongoing ? StartMs : nowMs,
        UpdatedMs = nowMs,
    };

    // The highest epoch is never a producer's, so nobody needs to be fenced beyond it.
    private static short Next(short epoch) => epoch == short.MaxValue ? epoch : (short)(epoch + 1);
}
