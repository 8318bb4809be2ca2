using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>Is told what became of a record that was enqueued.</summary>
/// <remarks>
/// One call a record; one call at a time for a producer, in the order of records within a partition. Calls run on the thread pool and hold
/// up neither sending nor
/// receiving, but each other: be quick. What a handler throws is logged.
/// </remarks>
public interface IDeliveryHandler
{
    /// <summary>The record was written, or given up.</summary>
    /// <param name="metadata">Where it was written; without an offset if it was not.</param>
    /// <param name="error">Null if it was written. Otherwise it surely was not, or nobody will ever know: the message says which.</param>
    void OnDelivered(in RecordMetadata metadata, KafkaException? error);
}
