using Caudal.Client.Configuration;

namespace Caudal.Client;

/// <summary>How a consumer behaves, and how it reads keys and values. Immutable: change a copy by <c>with</c>.</summary>
/// <typeparam name="TKey">The type of keys.</typeparam>
/// <typeparam name="TValue">The type of values.</typeparam>
public sealed record ConsumerOptions<TKey, TValue> : ConsumerOptions
{
    /// <summary>Creates options with the deserializers, and defaults for the rest.</summary>
    public ConsumerOptions(IDeserializer<TKey> keyDeserializer, IDeserializer<TValue> valueDeserializer)
    {
        KeyDeserializer = keyDeserializer;
        ValueDeserializer = valueDeserializer;
    }

    /// <summary>Creates options with the deserializers, and the rest from other options.</summary>
    public ConsumerOptions(ConsumerOptions options, IDeserializer<TKey> keyDeserializer, IDeserializer<TValue> valueDeserializer)
        : base(options)
    {
        KeyDeserializer = keyDeserializer;
        ValueDeserializer = valueDeserializer;
    }

    /// <summary>Reads keys.</summary>
    public IDeserializer<TKey> KeyDeserializer { get; init; }

    /// <summary>Reads values.</summary>
    public IDeserializer<TValue> ValueDeserializer { get; init; }

    /// <summary>What sees typed records before the user does, and committed offsets, in this order.</summary>
    /// <value>Java's <c>interceptor.classes</c>. Default: none, which costs nothing.</value>
    public IReadOnlyList<IConsumerInterceptor<TKey, TValue>> Interceptors { get; init; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate()
    {
        var faults = new OptionFaults();
        faults.NotNull(nameof(KeyDeserializer), KeyDeserializer);
        faults.NotNull(nameof(ValueDeserializer), ValueDeserializer);
        faults.NoneNull(nameof(Interceptors), Interceptors);
        return [.. base.Validate(), .. faults.List];
    }
}
