namespace Caudal.Client;

/// <summary>Sees the typed records of a consumer before its user does, and the offsets that it commits.</summary>
/// <typeparam name="TKey">The type of keys.</typeparam>
/// <typeparam name="TValue">The type of values.</typeparam>
/// <remarks>
/// Given by <see cref="ConsumerOptions{TKey, TValue}.Interceptors"/>, and called in their order, each with what the one before made. As in
/// Java's client what an interceptor throws is logged, and the record goes on without it. Leases of raw batches pass interceptors by.
/// </remarks>
public interface IConsumerInterceptor<TKey, TValue>
{
    /// <summary>A record is about to be handed out. <c>RunAsync</c> calls from several threads at once.</summary>
    /// <param name="record">The record as the interceptors before left it.</param>
    /// <returns>The record to hand out: the same, or a copy with another key, value or headers.</returns>
    ConsumeResult<TKey, TValue> OnConsume(in ConsumeResult<TKey, TValue> record) => record;

    /// <summary>Offsets were committed, by hand or automatically.</summary>
    /// <param name="offsets">The offsets; never empty.</param>
    void OnCommit(IReadOnlyList<TopicPartitionOffset> offsets)
    {
    }
}
