using Caudal.Client.Configuration;

namespace Caudal.Client;

/// <content>Producers.</content>
public sealed partial class KafkaClient
{
    /// <summary>Creates a producer. It uses this client's connections and is to be disposed before it.</summary>
    /// <typeparam name="TKey">The type of keys.</typeparam>
    /// <typeparam name="TValue">The type of values.</typeparam>
    /// <exception cref="ArgumentException">The options have faults; the message lists them all.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public Producer<TKey, TValue> CreateProducer<TKey, TValue>(ProducerOptions<TKey, TValue> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_closed.IsCancellationRequested, this);
        OptionFaults.ThrowIfAny(options.Validate(), nameof(ProducerOptions));
        return new Producer<TKey, TValue>(this, options);
    }
}
