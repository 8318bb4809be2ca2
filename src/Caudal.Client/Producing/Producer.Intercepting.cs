using Caudal.Client.Transactions;

namespace Caudal.Client;

/// <content>The ways of records through interceptors, taken only if there are some.</content>
public sealed partial class Producer<TKey, TValue>
{
    private async ValueTask<RecordMetadata> ProduceInterceptedAsync(
        ProducerRecord<TKey, TValue> record, OpenTransaction? transaction, CancellationToken cancellationToken)
    {
        record = _interceptors!.OnSend(record);
        RecordMetadata metadata;
        try
        {
            metadata = ClientTelemetry.TracesSending
                ? await ProduceTracedAsync(record, transaction, cancellationToken).ConfigureAwait(false)
                : await ProduceUntracedAsync(record, transaction, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _interceptors.OnRefused(record, e);
            throw;
        }

        _interceptors.OnAcknowledgement(record, metadata, null);
        return metadata;
    }

    private async ValueTask EnqueueInterceptedAsync(
        ProducerRecord<TKey, TValue> record,
        IDeliveryHandler? handler,
        OpenTransaction? transaction,
        CancellationToken cancellationToken)
    {
        record = _interceptors!.OnSend(record);
        var told = _interceptors.Handler(record, handler);
        try
        {
            var carried = ClientTelemetry.CarriesContext ? WithContext(record) : record;
            await EnqueueUntracedAsync(carried, told, transaction, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _interceptors.OnRefused(record, e);
            throw;
        }
    }

    private bool TryEnqueueIntercepted(ProducerRecord<TKey, TValue> record, IDeliveryHandler? handler, OpenTransaction? transaction)
    {
        record = _interceptors!.OnSend(record);
        try
        {
            return TryEnqueueUnintercepted(record, _interceptors.Handler(record, handler), transaction);
        }
        catch (Exception e)
        {
            _interceptors.OnRefused(record, e);
            throw;
        }
    }
}
