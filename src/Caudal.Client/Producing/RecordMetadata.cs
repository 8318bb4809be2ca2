namespace Caudal.Client;

/// <summary>Where a record was written.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The record's offset; −1 if the broker did not tell (acks=0, or a repetition that it had long forgotten).</param>
/// <param name="Timestamp">
/// The record's time: the producer's, or the broker's on topics with <c>message.timestamp.type=LogAppendTime</c>.
/// </param>
public readonly record struct RecordMetadata(string Topic, int Partition, long Offset, DateTimeOffset Timestamp);
