using Caudal.Protocol;

namespace Caudal.Client.Tests.Fakes;

/// <summary>Collects what it is told.</summary>
internal sealed class CollectingHandler : IDeliveryHandler
{
    public List<long> Offsets { get; } = [];

    public List<KafkaException> Errors { get; } = [];

    public void OnDelivered(in RecordMetadata metadata, KafkaException? error)
    {
        if (error is null)
            Offsets.Add(metadata.Offset);
        else
            Errors.Add(error);
    }
}
