using Caudal.Protocol;

namespace Caudal.Client.Producing;

/// <summary>Collects what becomes of records that were produced together. Thread safe.</summary>
internal sealed class ManyDeliveries
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Slot> _slots = [];

    // One more than there are records, until all were added.
    private int _left = 1;

    /// <summary>Makes room for the next record.</summary>
    public Slot Add()
    {
        var slot = new Slot(this);
        _slots.Add(slot);
        Interlocked.Increment(ref _left);
        return slot;
    }

    /// <summary>Waits for all of them; none is added after it.</summary>
    public async ValueTask<ProduceResult[]> WhenAllAsync(CancellationToken cancellationToken)
    {
        Finish();
        await _done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return [.. _slots.Select(slot => slot.Result)];
    }

    private void Finish()
    {
        if (Interlocked.Decrement(ref _left) == 0)
            _done.TrySetResult();
    }

    /// <summary>One record.</summary>
    internal sealed class Slot(ManyDeliveries all) : IDeliveryHandler
    {
        public ProduceResult Result { get; private set; }

        public void OnDelivered(in RecordMetadata metadata, KafkaException? error)
        {
            Result = new ProduceResult(metadata, error);
            all.Finish();
        }

        /// <summary>It was not even taken.</summary>
        public void Refuse(string topic, Exception error)
        {
            Result = new ProduceResult(new RecordMetadata(topic, -1, -1, default), error);
            all.Finish();
        }
    }
}
