using Caudal.Client;
using Caudal.Protocol;

namespace Caudal.Cli.Perf;

/// <summary>Remembers when a record was handed to the producer; goes back to its pool when the record is acknowledged.</summary>
internal sealed class SendSlot(ProduceMeasurement owner) : IDeliveryHandler
{
    /// <summary>The moment of the call.</summary>
    public long SentAt { get; set; }

    /// <inheritdoc/>
    public void OnDelivered(in RecordMetadata metadata, KafkaException? error)
    {
        var sentAt = SentAt;
        owner.Return(this);
        owner.OnDelivered(sentAt, error);
    }
}
