namespace Caudal.Client.Processing;

/// <summary>What the consumer asks of whoever handles its records in parallel.</summary>
internal interface IRecordRunner
{
    /// <summary>Whether there are records that are not done.</summary>
    bool IsBusy { get; }

    /// <summary>
    /// Begins nothing more in partitions, or in all if null, and waits for what is running: all that is done is stored then.
    /// </summary>
    Task DrainAsync(IReadOnlyCollection<TopicPartition>? partitions);

    /// <summary>Cancels what is running in partitions that belong to others by now.</summary>
    void Lose(IReadOnlyCollection<TopicPartition> partitions);
}
