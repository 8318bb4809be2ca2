using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>A record was given up by <see cref="Producer{TKey, TValue}.Purge"/> before it was acknowledged.</summary>
public sealed class RecordPurgedException : KafkaException
{
    internal RecordPurgedException(bool wasSent)
        : base(wasSent
            ? "The record was purged while it was on its way: whether it is written is not known."
            : "The record was purged before it was sent: it is not written.") =>
        WasSent = wasSent;

    /// <summary>Whether it may be written all the same.</summary>
    public bool WasSent { get; }
}
