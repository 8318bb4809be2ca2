namespace Caudal.Client.Consuming;

/// <summary>Batch after batch, each given back when the next is asked for.</summary>
internal static class BatchStream
{
    public static async IAsyncEnumerable<ConsumeBatch<TKey, TValue>> ReadAsync<TKey, TValue>(
        ConsumerEngine engine,
        RecordDecoder<TKey, TValue> decoder,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RecordBatchLease? lease = null;
        try
        {
            while (true)
            {
                var next = await engine.NextAsync(false, Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
                lease?.Dispose();
                lease = next!;
                yield return new ConsumeBatch<TKey, TValue>(engine, decoder, lease);
            }
        }
        finally
        {
            engine.GiveBack(lease);
        }
    }
}
