namespace Caudal.Client;

/// <summary>
/// Sees the records of a producer when they are taken, and what becomes of them: for audits, tracing, headers that all records carry.
/// </summary>
/// <typeparam name="TKey">The type of keys.</typeparam>
/// <typeparam name="TValue">The type of values.</typeparam>
/// <remarks>
/// Given by <see cref="ProducerOptions{TKey, TValue}.Interceptors"/>, and called in their order, each with what the one before made. Calls
/// come from many threads at once. As in Java's client what an interceptor throws is logged, and the record goes on without it. With
/// interceptors each record costs an object or two; without any they cost nothing.
/// </remarks>
public interface IProducerInterceptor<TKey, TValue>
{
    /// <summary>A record is about to be serialized and given a partition. Runs in the call that takes it: be quick.</summary>
    /// <param name="record">The record as the interceptors before left it.</param>
    /// <returns>The record to produce: the same, or a changed copy.</returns>
    /// <remarks>If <c>TryEnqueue</c> finds no room, it is called again when the record is tried again.</remarks>
    ProducerRecord<TKey, TValue> OnSend(in ProducerRecord<TKey, TValue> record) => record;

    /// <summary>The record was written, or given up, or refused before it was taken.</summary>
    /// <param name="record">The record as it was produced.</param>
    /// <param name="metadata">Where it was written; without an offset if it was not, with partition −1 if it never had one.</param>
    /// <param name="error">Null if it was written.</param>
    void OnAcknowledgement(in ProducerRecord<TKey, TValue> record, in RecordMetadata metadata, Exception? error)
    {
    }
}
