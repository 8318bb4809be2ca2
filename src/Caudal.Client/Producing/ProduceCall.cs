using Caudal.Client.Connections;
using Caudal.Protocol;

namespace Caudal.Client.Producing;

/// <summary>One produce request on the wire: its batches, and where its answer will come from.</summary>
internal sealed class ProduceCall
{
    public List<ProducerBatch> Batches { get; } = [];

    /// <summary>The answer to come; null if none is, or if sending failed.</summary>
    public PendingRequest? Pending { get; set; }

    /// <summary>Why it could not be sent.</summary>
    public KafkaException? SendError { get; set; }

    /// <summary>Whether sending it again would fail again, and nothing was sent.</summary>
    public bool IsHopeless { get; set; }
}
