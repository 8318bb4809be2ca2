using Caudal.Client;

namespace Caudal.Hosting;

/// <summary>Handles records, one at a time for each instance: every record has a scope of services of its own.</summary>
/// <typeparam name="TKey">The type of keys.</typeparam>
/// <typeparam name="TValue">The type of values.</typeparam>
public interface IRecordHandler<TKey, TValue>
{
    /// <summary>Handles a record. It counts as done, and is committed, when this completes without an error.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Cancelled when the application stops, or the record's partition was lost.</param>
    ValueTask HandleAsync(ConsumeResult<TKey, TValue> record, CancellationToken cancellationToken);
}
