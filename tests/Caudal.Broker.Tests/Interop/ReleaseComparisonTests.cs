using Caudal.Broker.Releases;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Interop;

/// <summary>What releases of Apache Kafka say and refuse, beside the tables here.</summary>
public sealed class ReleaseComparisonTests
{
    /// <summary>Between brokers only, or with the state of share groups, which no client asks for.</summary>
    private static readonly short[] Internal = [4, 5, 6, 7, 52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73, 82, 83, 84, 85, 86, 87, 93];

    [Theory]
    [InlineData("3.3", 3)]
    [InlineData("4.3", 4)]
    public async Task The_table_of_a_release_is_what_its_broker_tells(string release, short version)
    {
        KafkaTools.Require();
        await using var kafka = new KafkaServer(release);
        await kafka.InitializeAsync();
        await using var client = await kafka.ConnectAsync();

        var told = await client.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" }, version);

        var known = KafkaRelease.Find(release)!;
        var theirs = told.ApiKeys.Where(k => !Internal.Contains(k.ApiKey)).OrderBy(k => k.ApiKey)
            .Select(k => $"{k.ApiKey}:{k.MinVersion}-{k.MaxVersion}");
        var ours = Enumerable.Range(0, 128).Where(k => known.Versions((ApiKey)k) is not null)
            .Select(k => $"{k}:{known.Versions((ApiKey)k)!.Value.Min}-{known.Versions((ApiKey)k)!.Value.Max}");
        Assert.Equal(string.Join(' ', theirs), string.Join(' ', ours));
        foreach (var (name, min, max) in known.Features)
        {
            var supported = Assert.Single(told.SupportedFeatures, f => f.Name == name);
            Assert.Equal((name, min, max), (name, supported.MinVersion, supported.MaxVersion));
        }

        if (release == "4.3")
            await CompareRefusalsAsync(kafka);
    }

    // What is not known closes the connection, and a login is told that there is none.
    private static async Task CompareRefusalsAsync(KafkaServer kafka)
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        foreach (var (key, version) in ((short, short)[])[(99, 0), (4, 0), (3, 14), (3, -1), (1, 3), (0, 2), (0, 14), (11, 10)])
        {
            await using var theirs = await kafka.ConnectAsync();
            await using var ours = await TestClient.ConnectBySocketAsync(broker);
            await theirs.PostRawAsync(key, version, new byte[16]);
            await ours.PostRawAsync(key, version, new byte[16]);
            Assert.Equal((key, version, await theirs.IsClosedAsync()), (key, version, await ours.IsClosedAsync()));
        }

        foreach (var version in (short[])[0, 1])
        {
            await using var theirs = await kafka.ConnectAsync();
            await using var ours = await TestClient.ConnectBySocketAsync(broker);
            var login = new SaslHandshakeRequest { Mechanism = "PLAIN" };
            Assert.Equal((await theirs.SendAsync(login, version)).ErrorCode, (await ours.SendAsync(login, version)).ErrorCode);
        }
    }
}
