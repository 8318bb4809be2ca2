namespace Caudal.Storage.Producers;

/// <summary>What is remembered of an appended batch to recognise it when it comes again.</summary>
/// <param name="LastSequence">The sequence number of its last record.</param>
/// <param name="LastOffset">The offset of its last record.</param>
/// <param name="OffsetDelta">Its last offset minus its first.</param>
/// <param name="TimestampMs">Its largest timestamp.</param>
internal readonly record struct ProducerBatch(int LastSequence, long LastOffset, int OffsetDelta, long TimestampMs)
{
    /// <summary>Sequence numbers count modulo 2³¹.</summary>
    internal int FirstSequence => unchecked(LastSequence - OffsetDelta) & int.MaxValue;

    internal long FirstOffset => LastOffset - OffsetDelta;
}
