using System.Runtime.CompilerServices;

namespace Caudal.Client.Tests.Consuming;

/// <summary>A scripted cluster, a client of it, and what most tests of consumers do with them.</summary>
internal sealed class ConsumerFixture : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _consumers = [];

    public ConsumerFixture(int nodes = 1, Action<ScriptedCluster>? configure = null)
    {
        Cluster = new ScriptedCluster(nodes);
        configure?.Invoke(Cluster);
        Client = new KafkaClient(Cluster.ClientOptions);
    }

    public ScriptedCluster Cluster { get; }

    public KafkaClient Client { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Options that are quick enough for tests.</summary>
    public static ConsumerOptions<string?, string?> Options => new(Serdes.Utf8, Serdes.Utf8)
    {
        AutoOffsetReset = AutoOffsetReset.Earliest,
        FetchMaxWait = TimeSpan.FromMilliseconds(50),
        HeartbeatInterval = TimeSpan.FromMilliseconds(10),
        AutoCommitInterval = TimeSpan.FromMinutes(1),
    };

    public Consumer<string?, string?> Consumer(ConsumerOptions<string?, string?>? options = null)
    {
        var consumer = Client.CreateConsumer(options ?? Options);
        _consumers.Add(consumer);
        return consumer;
    }

    public Consumer<string?, string?> Member(ConsumerOptions<string?, string?>? options = null, string topic = "t")
    {
        var consumer = Consumer((options ?? Options) with { GroupId = "g" });
        consumer.Subscribe(topic);
        return consumer;
    }

    public static async Task<List<string?>> TakeAsync(Consumer<string?, string?> consumer, int count) =>
        [.. (await TakeRecordsAsync(consumer, count)).Select(r => r.Value)];

    public static async Task<List<ConsumeResult<string?, string?>>> TakeRecordsAsync(Consumer<string?, string?> consumer, int count)
    {
        var records = new List<ConsumeResult<string?, string?>>();
        await foreach (var record in consumer.ConsumeAsync(Token))
        {
            records.Add(record);
            if (records.Count == count)
                break;
        }

        return records;
    }

    /// <summary>Waits until something holds that another task brings about.</summary>
    public static async Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(25))
                Assert.Fail($"Not within 25 s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var consumer in _consumers)
            await consumer.DisposeAsync();
        await Client.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
