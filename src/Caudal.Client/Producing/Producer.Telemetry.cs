using System.Diagnostics;
using Caudal.Client.Transactions;

namespace Caudal.Client;

/// <content>What is told of records that are sent, while somebody listens.</content>
public sealed partial class Producer<TKey, TValue>
{
    private static ProducerRecord<TKey, TValue> WithContext(in ProducerRecord<TKey, TValue> record) =>
        record with { Headers = ClientTelemetry.WriteContext(record.Headers, Activity.Current!) };

    private async ValueTask<RecordMetadata> ProduceTracedAsync(
        ProducerRecord<TKey, TValue> record, OpenTransaction? transaction, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        using var activity = ClientTelemetry.StartSend(record.Topic);
        if (ClientTelemetry.CarriesContext)
            record = WithContext(record);
        RecordMetadata? written = null;
        Exception? error = null;
        try
        {
            var metadata = await ProduceUntracedAsync(record, transaction, cancellationToken).ConfigureAwait(false);
            written = metadata;
            return metadata;
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            ClientTelemetry.EndSend(activity, record.Topic, written, error, clock.GetElapsedTime(start));
        }
    }
}
