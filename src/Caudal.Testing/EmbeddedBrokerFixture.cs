using System.Runtime.CompilerServices;
using Caudal.Broker;
using Caudal.Client;
using Xunit;

namespace Caudal.Testing;

/// <summary>
/// A Kafka broker for tests with xunit v3: started before the first of them and stopped after the last, in memory, on a free port.
/// </summary>
/// <remarks>
/// Use it as a class, collection or assembly fixture; several may run side by side. Derive from it to give it options: xunit makes
/// fixtures by their parameterless constructor. Tests that share one keep apart by topics of their own (<see cref="CreateTopicAsync"/>) and
/// names of their own for groups (<see cref="NewName"/>). Thread safe.
/// </remarks>
/// <example>
/// One broker for all tests of an assembly:
/// <code>
/// [assembly: AssemblyFixture(typeof(EmbeddedBrokerFixture))]
///
/// public class OrderTests(EmbeddedBrokerFixture kafka)
/// {
///     [Fact]
///     public async Task Orders_are_published()
///     {
///         var topic = await kafka.CreateTopicAsync();
///         await using var client = kafka.CreateClient();
///         // Or any other Kafka client, by kafka.BootstrapServers.
///     }
/// }
/// </code>
/// Three nodes and a clock that the tests move:
/// <code>
/// public sealed class ClusterFixture() : EmbeddedBrokerFixture(new EmbeddedBrokerOptions { Nodes = 3, TimeProvider = new ManualClock() });
/// </code>
/// </example>
public class EmbeddedBrokerFixture : IAsyncLifetime
{
    private readonly EmbeddedBrokerOptions _options;
    private EmbeddedBroker? _broker;
    private int _names;

    /// <summary>A broker with its default options.</summary>
    public EmbeddedBrokerFixture()
        : this(new EmbeddedBrokerOptions())
    {
    }

    /// <summary>A broker with options, for fixtures that derive from this one.</summary>
    /// <param name="options">What the broker is to be.</param>
    protected EmbeddedBrokerFixture(EmbeddedBrokerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>The broker: its nodes, and everything else about it.</summary>
    /// <exception cref="InvalidOperationException">It was not started yet.</exception>
    public EmbeddedBroker Broker => _broker ?? throw new InvalidOperationException(
        "The broker was not started yet: use the fixture as xunit's class, collection or assembly fixture, or call InitializeAsync.");

    /// <summary>Where clients find the broker, in any language: Kafka's <c>bootstrap.servers</c>.</summary>
    public string BootstrapServers => Broker.BootstrapServers;

    /// <summary>Makes requests fail on purpose. Tests that share the fixture share the faults: limit them to a client or a topic.</summary>
    public BrokerFaults Faults => Broker.Faults;

    /// <summary>The clock that the tests move.</summary>
    /// <exception cref="InvalidOperationException">The fixture's options have another clock.</exception>
    public ManualClock Clock => _options.TimeProvider as ManualClock ?? throw new InvalidOperationException(
        "The broker runs on another clock: derive a fixture with new EmbeddedBrokerOptions { TimeProvider = new ManualClock() }.");

    /// <summary>Starts the broker; xunit calls it.</summary>
    public virtual async ValueTask InitializeAsync() => _broker = await EmbeddedBroker.StartAsync(_options).ConfigureAwait(false);

    /// <summary>Stops the broker; xunit calls it.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>A name that nothing else has in this broker: for topics, groups and transactional ids.</summary>
    /// <param name="what">How it begins; by default with the name of the test that calls.</param>
    public string NewName([CallerMemberName] string what = "") =>
        $"{Shorten(what)}-{Interlocked.Increment(ref _names)}";

    /// <summary>Creates a topic that no other test uses.</summary>
    /// <param name="partitions">How many partitions.</param>
    /// <param name="replicationFactor">How many nodes hold each; −1 for the broker's default.</param>
    /// <param name="configs">The topic's settings by Kafka's names.</param>
    /// <param name="name">How its name begins; by default with the name of the test that calls.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The topic's name.</returns>
    /// <exception cref="Protocol.KafkaException">The broker refused.</exception>
    public async Task<string> CreateTopicAsync(
        int partitions = 1,
        short replicationFactor = -1,
        IReadOnlyDictionary<string, string>? configs = null,
        [CallerMemberName] string name = "",
        CancellationToken cancellationToken = default)
    {
        var topic = new NewTopic(NewName(name))
        {
            Partitions = partitions,
            ReplicationFactor = replicationFactor,
            Configs = configs ?? new Dictionary<string, string>(),
        };
        await using var client = CreateClient();
        var created = await client.Admin.CreateTopicsAsync([topic], cancellationToken: cancellationToken).ConfigureAwait(false);
        created[topic.Name].GetOrThrow();
        return topic.Name;
    }

    /// <summary>A client that reaches the broker without a socket, under the name of the test that calls.</summary>
    /// <param name="clientId">Its <c>client.id</c>, by which faults may tell it apart.</param>
    /// <returns>The client; the caller disposes it.</returns>
    public KafkaClient CreateClient([CallerMemberName] string clientId = "") => new(ClientOptions with { ClientId = clientId });

    /// <summary>Options of clients that reach the broker without a socket; change a copy by <c>with</c>.</summary>
    /// <remarks>Clients keep the system's clock: their timeouts are real, also when the broker's clock stands still.</remarks>
    public KafkaClientOptions ClientOptions => new() { BootstrapServers = BootstrapServers, Connector = Broker.Connector };

    // Names of tests may be longer than a topic's may be, and have characters that topics may not have.
    private static string Shorten(string name)
    {
        var allowed = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' ? c : '-')).Trim('-');
        return allowed.Length == 0 ? "test" : allowed[..Math.Min(allowed.Length, 200)];
    }
}
