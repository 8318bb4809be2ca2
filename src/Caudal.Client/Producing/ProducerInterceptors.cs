using Caudal.Protocol;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Producing;

/// <summary>The interceptors of a producer, called one after another; what they throw is logged. Thread safe as they are.</summary>
internal sealed partial class ProducerInterceptors<TKey, TValue>(IProducerInterceptor<TKey, TValue>[] interceptors, ILogger logger)
{
    /// <summary>The interceptors of a producer; null if it has none.</summary>
    public static ProducerInterceptors<TKey, TValue>? Of(ProducerOptions<TKey, TValue> options, ILoggerFactory loggers) =>
        options.Interceptors.Count == 0
            ? null
            : new([.. options.Interceptors], loggers.CreateLogger<Producer<TKey, TValue>>());

    /// <summary>What the interceptors make of a record.</summary>
    public ProducerRecord<TKey, TValue> OnSend(ProducerRecord<TKey, TValue> record)
    {
        foreach (var interceptor in interceptors)
        {
            try
            {
                record = interceptor.OnSend(record);
            }
            catch (Exception e)
            {
                Log.Failed(logger, nameof(OnSend), interceptor.GetType().Name, e);
            }
        }

        return record;
    }

    /// <summary>Tells the interceptors what became of a record.</summary>
    public void OnAcknowledgement(in ProducerRecord<TKey, TValue> record, in RecordMetadata metadata, Exception? error)
    {
        foreach (var interceptor in interceptors)
        {
            try
            {
                interceptor.OnAcknowledgement(record, metadata, error);
            }
            catch (Exception e)
            {
                Log.Failed(logger, nameof(OnAcknowledgement), interceptor.GetType().Name, e);
            }
        }
    }

    /// <summary>Tells the interceptors of a record that was never taken.</summary>
    public void OnRefused(in ProducerRecord<TKey, TValue> record, Exception error) =>
        OnAcknowledgement(record, new RecordMetadata(record.Topic, record.Partition ?? -1, -1, default), error);

    /// <summary>A handler that tells the interceptors first, and then whoever else wants to know.</summary>
    public IDeliveryHandler Handler(in ProducerRecord<TKey, TValue> record, IDeliveryHandler? inner) => new Delivery(this, record, inner);

    private sealed class Delivery(ProducerInterceptors<TKey, TValue> owner, ProducerRecord<TKey, TValue> record, IDeliveryHandler? inner)
        : IDeliveryHandler
    {
        public void OnDelivered(in RecordMetadata metadata, KafkaException? error)
        {
            owner.OnAcknowledgement(record, metadata, error);
            inner?.OnDelivered(metadata, error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1202, LogLevel.Error, "{Method} of the interceptor {Interceptor} failed; the record goes on without it")]
        public static partial void Failed(ILogger logger, string method, string interceptor, Exception error);
    }
}
