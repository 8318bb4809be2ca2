namespace Caudal.Storage;

/// <summary>An aborted transaction in a partition: an entry of Kafka's <c>.txnindex</c>, and what a Fetch response tells of it.</summary>
/// <param name="ProducerId">The producer.</param>
/// <param name="FirstOffset">The offset of the transaction's first record.</param>
/// <param name="LastOffset">The offset of its marker.</param>
/// <param name="LastStableOffset">
/// The last stable offset just behind the marker: transactions whose markers come later begin at it or after it.
/// </param>
public readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long LastOffset, long LastStableOffset);
