using Caudal.Client.Configuration;

namespace Caudal.Client;

/// <content>Consumers.</content>
public sealed partial class KafkaClient
{
    /// <summary>Creates a consumer, which connects when it is first asked for records. Dispose it before the client.</summary>
    /// <typeparam name="TKey">The type of keys.</typeparam>
    /// <typeparam name="TValue">The type of values.</typeparam>
    /// <exception cref="ArgumentException">The options have faults; the message lists them all.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public Consumer<TKey, TValue> CreateConsumer<TKey, TValue>(ConsumerOptions<TKey, TValue> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_closed.IsCancellationRequested, this);
        OptionFaults.ThrowIfAny(options.Validate(), nameof(ConsumerOptions));
        return new Consumer<TKey, TValue>(this, options);
    }
}
