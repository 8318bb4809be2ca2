using Caudal.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Caudal.Hosting;

/// <summary>Adds what works with one cluster to an application's services.</summary>
/// <remarks>
/// Everything is registered under the client's name as key; under the default name without a key too. Log messages go to the application's
/// <see cref="ILoggerFactory"/>, time comes from its <see cref="TimeProvider"/> if it has one.
/// </remarks>
public sealed class KafkaBuilder
{
    /// <summary>The name of the client that is added without a name.</summary>
    public const string DefaultName = "";

    private readonly IReadOnlyDictionary<string, string> _properties;
    private Func<KafkaClientOptions, IServiceProvider, KafkaClientOptions> _configure = static (options, _) => options;

    internal KafkaBuilder(IServiceCollection services, string name, IReadOnlyDictionary<string, string> properties)
    {
        Services = services;
        Name = name;
        _properties = properties;
        if (services.Any(s => s.ServiceType == typeof(KafkaClient) && Equals(s.ServiceKey, name)))
        {
            throw new InvalidOperationException(
                $"There is a Kafka client of the name '{name}' already; give each cluster a name of its own.");
        }

        services.AddKeyedSingleton(name, (provider, _) => new KafkaClient(ClientOptions(provider)));
        if (name == DefaultName)
            services.AddSingleton(provider => provider.GetRequiredKeyedService<KafkaClient>(DefaultName));
    }

    /// <summary>The services that are added to.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The client's name.</summary>
    public string Name { get; }

    /// <summary>Changes the client's options, for what properties cannot say, e.g. its connector.</summary>
    /// <param name="configure">Gets the options and the services, and returns the options to use. Runs when the client is made.</param>
    public KafkaBuilder ConfigureClient(Func<KafkaClientOptions, IServiceProvider, KafkaClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var before = _configure;
        _configure = (options, provider) => configure(before(options, provider), provider);
        return this;
    }

    /// <summary>Adds a producer, one for the application.</summary>
    /// <typeparam name="TKey">The type of keys.</typeparam>
    /// <typeparam name="TValue">The type of values.</typeparam>
    /// <param name="keys">Writes keys.</param>
    /// <param name="values">Writes values.</param>
    /// <param name="configure">Changes the options that the properties give; null for no changes.</param>
    public KafkaBuilder AddProducer<TKey, TValue>(
        ISerializer<TKey> keys,
        ISerializer<TValue> values,
        Func<ProducerOptions<TKey, TValue>, ProducerOptions<TKey, TValue>>? configure = null)
    {
        Services.AddKeyedSingleton(Name, (provider, _) =>
        {
            var options = new ProducerOptions<TKey, TValue>(ProducerOptions.FromProperties(_properties), keys, values);
            return Client(provider).CreateProducer(configure?.Invoke(options) ?? options);
        });
        if (Name == DefaultName)
            Services.AddSingleton(provider => provider.GetRequiredKeyedService<Producer<TKey, TValue>>(DefaultName));
        return this;
    }

    /// <summary>
    /// Adds a handler of records, which runs as long as the application does: each record in a scope of services of its own, in parallel as
    /// the options say, committed when it is done.
    /// </summary>
    /// <typeparam name="THandler">The handler; a service of its scope.</typeparam>
    /// <typeparam name="TKey">The type of keys.</typeparam>
    /// <typeparam name="TValue">The type of values.</typeparam>
    /// <param name="topics">The topics.</param>
    /// <param name="keys">Reads keys.</param>
    /// <param name="values">Reads values.</param>
    /// <param name="processing">Order, parallelism and what happens on errors; null for the defaults.</param>
    /// <param name="configure">Changes the options that the properties give, e.g. the group; null for no changes.</param>
    /// <remarks>
    /// A record that fails, and is not skipped by <see cref="ProcessingOptions.OnError"/>, ends the handler with an error, and the
    /// application if <c>HostOptions</c> say so, as they do by default. Errors of the cluster that may pass are waited out.
    /// </remarks>
    public KafkaBuilder AddHandler<[System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(
        System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] THandler, TKey, TValue>(
        IReadOnlyCollection<string> topics,
        IDeserializer<TKey> keys,
        IDeserializer<TValue> values,
        ProcessingOptions? processing = null,
        Func<ConsumerOptions<TKey, TValue>, ConsumerOptions<TKey, TValue>>? configure = null)
        where THandler : class, IRecordHandler<TKey, TValue>
    {
        ArgumentNullException.ThrowIfNull(topics);
        Services.TryAddScoped<THandler>();
        Services.AddSingleton<IHostedService>(provider =>
        {
            var options = new ConsumerOptions<TKey, TValue>(ConsumerOptions.FromProperties(_properties), keys, values);
            return new HandlerService<THandler, TKey, TValue>(
                provider.GetRequiredService<IServiceScopeFactory>(), Client(provider), configure?.Invoke(options) ?? options, topics,
                processing ?? new ProcessingOptions(), provider.GetService<ILoggerFactory>());
        });
        return this;
    }

    /// <summary>Adds a health check: whether the cluster answers.</summary>
    /// <param name="name">The check's name; null for <c>kafka</c> and the client's name.</param>
    /// <param name="timeout">How long the cluster may take; null for 5 s.</param>
    public KafkaBuilder AddHealthCheck(string? name = null, TimeSpan? timeout = null)
    {
        Services.AddHealthChecks().Add(new HealthCheckRegistration(
            name ?? (Name == DefaultName ? "kafka" : $"kafka-{Name}"),
            provider => new KafkaHealthCheck(Client(provider)),
            failureStatus: null,
            tags: null,
            timeout ?? TimeSpan.FromSeconds(5)));
        return this;
    }

    private KafkaClient Client(IServiceProvider provider) => provider.GetRequiredKeyedService<KafkaClient>(Name);

    private KafkaClientOptions ClientOptions(IServiceProvider provider)
    {
        var options = KafkaClientOptions.FromProperties(_properties);
        if (provider.GetService<ILoggerFactory>() is { } loggers)
            options = options with { LoggerFactory = loggers };
        if (provider.GetService<TimeProvider>() is { } time)
            options = options with { TimeProvider = time };
        return _configure(options, provider);
    }
}
