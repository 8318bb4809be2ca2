namespace Caudal.Storage;

/// <summary>What an acknowledged append has survived.</summary>
public enum Durability
{
    /// <summary>Nothing is written: records live in this process and end with it.</summary>
    Memory,

    /// <summary>
    /// The operating system has the bytes: they survive the process, kill -9 included, but not a power cut. Kafka's own default.
    /// </summary>
    Os,

    /// <summary>
    /// As <see cref="Os"/>, and the disk has the bytes soon after (<see cref="LogStoreOptions.FlushInterval"/>): a power cut takes at most
    /// what was acknowledged in that time.
    /// </summary>
    Interval,

    /// <summary>
    /// The disk has the bytes: they survive a power cut. One fsync serves all appends that wait, and consumers see records only after it.
    /// </summary>
    Group,
}
