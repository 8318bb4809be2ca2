using Caudal.Client.Configuration;

namespace Caudal.Client;

/// <summary>How a producer behaves, and how its keys and values become bytes. Immutable: change a copy by <c>with</c>.</summary>
/// <typeparam name="TKey">The type of keys.</typeparam>
/// <typeparam name="TValue">The type of values.</typeparam>
public sealed record ProducerOptions<TKey, TValue> : ProducerOptions
{
    /// <summary>Creates options with the serializers, and defaults for the rest.</summary>
    public ProducerOptions(ISerializer<TKey> keySerializer, ISerializer<TValue> valueSerializer)
    {
        KeySerializer = keySerializer;
        ValueSerializer = valueSerializer;
    }

    /// <summary>Creates options with the serializers, and the rest from other options.</summary>
    public ProducerOptions(ProducerOptions options, ISerializer<TKey> keySerializer, ISerializer<TValue> valueSerializer)
        : base(options)
    {
        KeySerializer = keySerializer;
        ValueSerializer = valueSerializer;
    }

    /// <summary>Turns keys into bytes.</summary>
    public ISerializer<TKey> KeySerializer { get; init; }

    /// <summary>Turns values into bytes.</summary>
    public ISerializer<TValue> ValueSerializer { get; init; }

    /// <summary>What sees records when they are taken and when they are acknowledged, in this order.</summary>
    /// <value>Java's <c>interceptor.classes</c>. Default: none, which costs nothing.</value>
    public IReadOnlyList<IProducerInterceptor<TKey, TValue>> Interceptors { get; init; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate()
    {
        var faults = new OptionFaults();
        faults.NotNull(nameof(KeySerializer), KeySerializer);
        faults.NotNull(nameof(ValueSerializer), ValueSerializer);
        faults.NoneNull(nameof(Interceptors), Interceptors);
        return [.. base.Validate(), .. faults.List];
    }
}
