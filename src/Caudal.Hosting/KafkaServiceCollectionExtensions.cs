using Caudal.Hosting;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Brings Kafka into an application's services.</summary>
public static class KafkaServiceCollectionExtensions
{
    /// <summary>Adds a client of a cluster, shared by everything in the application.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">
    /// A section with Kafka's properties, spelt as they like: <c>bootstrap.servers</c>, <c>BootstrapServers</c> or
    /// <c>bootstrap:servers</c>. Those
    /// of producers and consumers count for the producers and handlers that are added.
    /// </param>
    /// <returns>What producers, handlers and health checks are added to.</returns>
    public static KafkaBuilder AddKafka(this IServiceCollection services, IConfiguration configuration) =>
        services.AddKafka(KafkaBuilder.DefaultName, configuration);

    /// <summary>Adds a client of one of several clusters.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The name of the client: the key under which its services are found.</param>
    /// <param name="configuration">A section with Kafka's properties.</param>
    public static KafkaBuilder AddKafka(this IServiceCollection services, string name, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return services.AddKafka(name, KafkaConfiguration.Read(configuration));
    }

    /// <summary>Adds a client whose properties are in no configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="properties">Kafka's properties.</param>
    public static KafkaBuilder AddKafka(this IServiceCollection services, IReadOnlyDictionary<string, string> properties) =>
        services.AddKafka(KafkaBuilder.DefaultName, properties);

    /// <summary>Adds a client of one of several clusters, whose properties are in no configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The name of the client: the key under which its services are found.</param>
    /// <param name="properties">Kafka's properties.</param>
    /// <exception cref="InvalidOperationException">There is a client of that name already.</exception>
    public static KafkaBuilder AddKafka(this IServiceCollection services, string name, IReadOnlyDictionary<string, string> properties)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(properties);
        return new KafkaBuilder(services, name, properties);
    }
}
