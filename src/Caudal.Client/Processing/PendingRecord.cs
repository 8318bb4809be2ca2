namespace Caudal.Client.Processing;

/// <summary>A record that waits to be handled, or the reason why it cannot be read.</summary>
internal readonly record struct PendingRecord<TKey, TValue>(ConsumeResult<TKey, TValue> Record, RecordDeserializationException? Error);
