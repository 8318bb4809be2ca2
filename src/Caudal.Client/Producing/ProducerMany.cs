using Caudal.Client.Producing;
using Caudal.Protocol;

namespace Caudal.Client;

/// <content>Many records at once, and giving records up.</content>
public sealed partial class Producer<TKey, TValue>
{
    /// <summary>Produces records, in their order, and waits until all of them are acknowledged or given up.</summary>
    /// <param name="records">The records; they are asked for one by one, as there is room.</param>
    /// <param name="cancellationToken">
    /// Gives up waiting, and takes no further records; those that were taken are on their way all the same.
    /// </param>
    /// <returns>What became of each record, in the same order. One that fails does not hold up the others.</returns>
    /// <remarks>After the last one nothing lingers.</remarks>
    /// <exception cref="ClientClosedException">The producer is closed.</exception>
    /// <exception cref="InvalidOperationException">The producer has transactions: produce in one.</exception>
    public async ValueTask<IReadOnlyList<ProduceResult>> ProduceManyAsync(
        IEnumerable<ProducerRecord<TKey, TValue>> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        ThrowIfTransactional();
        _accumulator.ThrowIfClosed();
        var deliveries = new ManyDeliveries();
        foreach (var record in records)
        {
            var slot = deliveries.Add();
            try
            {
                await EnqueueInAsync(record, slot, null, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ArgumentException or (KafkaException and not ClientClosedException))
            {
                slot.Refuse(record.Topic, e);
            }
        }

        _accumulator.HurryAll();
        return await deliveries.WhenAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives records up that wait to be sent; whoever waits for them gets <see cref="RecordPurgedException"/>.</summary>
    /// <param name="scope">Which records. Default: those that were never sent.</param>
    /// <returns>How many records were given up.</returns>
    /// <exception cref="InvalidOperationException">The producer has transactions: abort the transaction instead.</exception>
    public int Purge(PurgeScope scope = PurgeScope.Unsent)
    {
        ThrowIfTransactional();
        var count = 0;
        foreach (var partition in _accumulator.Partitions)
            count += partition.Purge(scope);
        return count;
    }
}
