using System.Collections.Concurrent;
using Caudal.Broker;
using Caudal.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Caudal.Hosting.Tests;

/// <summary>Applications with an embedded broker.</summary>
public sealed class HostingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_handler_gets_what_a_producer_sends_and_commits_it()
    {
        await using var broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Listen = false }, Token);
        var seen = new Seen();
        using var host = Host(broker, seen);
        await host.StartAsync(Token);
        var producer = host.Services.GetRequiredService<Producer<string?, string?>>();
        for (var i = 0; i < 10; i++)
            await producer.ProduceAsync(new ProducerRecord<string?, string?>("orders", $"k{i}", $"v{i}"), Token);

        await seen.All.Task.WaitAsync(Token);
        await host.StopAsync(Token);

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"v{i}"), seen.Values.Order());
        // A scope of services for each record.
        Assert.Equal(10, seen.Handlers.Distinct().Count());
        await using var client = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = broker.BootstrapServers,
            Connector = broker.Connector,
        });
        var committed = await client.Admin.ListGroupOffsetsAsync("billing", Token);
        Assert.Equal(10, committed.Values.Sum(o => o.Offset));
    }

    [Fact]
    public async Task The_health_check_tells_whether_the_cluster_answers()
    {
        await using var broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Listen = false }, Token);
        using var host = Host(broker, new Seen());
        var checks = host.Services.GetRequiredService<HealthCheckService>();

        var healthy = await checks.CheckHealthAsync(Token);
        Assert.Equal(HealthStatus.Healthy, healthy.Entries["kafka"].Status);
        Assert.Equal(1, healthy.Entries["kafka"].Data["brokers"]);

        await broker.DisposeAsync();
        var unhealthy = await checks.CheckHealthAsync(Token);
        Assert.Equal(HealthStatus.Unhealthy, unhealthy.Entries["kafka"].Status);
    }

    [Fact]
    public async Task Clients_of_several_clusters_have_names()
    {
        await using var first = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Listen = false }, Token);
        await using var second = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Listen = false }, Token);
        var services = new ServiceCollection();
        Add(services, "a", first);
        Add(services, "b", second);
        await using var provider = services.BuildServiceProvider();

        var a = await provider.GetRequiredKeyedService<KafkaClient>("a").Admin.DescribeClusterAsync(Token);
        var b = await provider.GetRequiredKeyedService<KafkaClient>("b").Admin.DescribeClusterAsync(Token);

        Assert.NotEqual(a.ClusterId, b.ClusterId);
        Assert.Null(provider.GetService<KafkaClient>());
        Assert.Throws<InvalidOperationException>(() => Add(services, "a", first));

        static void Add(ServiceCollection services, string name, EmbeddedBroker broker) => services
            .AddKafka(name, new Dictionary<string, string> { ["bootstrap.servers"] = broker.BootstrapServers })
            .ConfigureClient((options, _) => options with { Connector = broker.Connector });
    }

    [Fact]
    public async Task A_property_that_means_nothing_is_told_when_the_client_is_made()
    {
        var services = new ServiceCollection();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Kafka:BootstrapServers"] = "a:1",
                ["Kafka:BootstrapServer"] = "b:1",
            })
            .Build();
        services.AddKafka(configuration.GetSection("Kafka"));
        await using var provider = services.BuildServiceProvider();

        var error = Assert.Throws<ArgumentException>(() => provider.GetRequiredService<KafkaClient>());
        Assert.Contains("BootstrapServer is not a property that Caudal knows", error.Message, StringComparison.Ordinal);
    }

    private static IHost Host(EmbeddedBroker broker, Seen seen)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:group.id"] = "billing",
            ["Kafka:auto:offset:reset"] = "earliest",
            ["Kafka:linger.ms"] = "0",
        });
        builder.Services.AddSingleton(seen);
        builder.Services.AddKafka(builder.Configuration.GetSection("Kafka"))
            .ConfigureClient((options, _) => options with { Connector = broker.Connector })
            .AddProducer(Serdes.Utf8, Serdes.Utf8)
            .AddHandler<Handler, string?, string?>(["orders"], Serdes.Utf8, Serdes.Utf8)
            .AddHealthCheck();
        return builder.Build();
    }

    private sealed class Seen
    {
        public ConcurrentQueue<string?> Values { get; } = new();

        public ConcurrentBag<object> Handlers { get; } = [];

        public TaskCompletionSource All { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Handler(Seen seen) : IRecordHandler<string?, string?>
    {
        public ValueTask HandleAsync(ConsumeResult<string?, string?> record, CancellationToken cancellationToken)
        {
            seen.Handlers.Add(this);
            seen.Values.Enqueue(record.Value);
            if (seen.Values.Count == 10)
                seen.All.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
