using Caudal.Broker.Releases;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Releases;

public class ActAsTests
{
    [Theory]
    [InlineData("2.4", 11, 9, 3)]
    [InlineData("2.8", 12, 11, 3)]
    [InlineData("3.3", 13, 12, 3)]
    [InlineData("3.9", 17, 12, 4)]
    [InlineData("4.3", 18, 13, 4)]
    public async Task The_versions_of_an_older_release_are_told(string release, short fetch, short metadata, short apiVersions)
    {
        await using var broker = await StartAsync(release);
        await using var client = await TestClient.ConnectAsync(broker);

        var answer = await client.SendAsync(NewApiVersions(), 3);
        var told = answer.ApiKeys.ToDictionary(k => (ApiKey)k.ApiKey, k => (k.MinVersion, k.MaxVersion));

        Assert.Equal((fetch, metadata), (told[ApiKey.Fetch].MaxVersion, told[ApiKey.Metadata].MaxVersion));
        Assert.Equal(apiVersions, told[ApiKey.ApiVersions].MaxVersion);
        Assert.Equal(0, told[ApiKey.Produce].MinVersion);
        Assert.Equal(release == "4.3" ? 4 : 0, told[ApiKey.Fetch].MinVersion);
        var known = KafkaRelease.Find(release)!;
        Assert.All(told, t => Assert.Equal(known.Versions(t.Key), t.Value));
    }

    [Theory]
    [InlineData("2.8", null)]
    [InlineData("3.3", (short)7)]
    [InlineData("3.9", (short)21)]
    [InlineData("4.3", (short)30)]
    public async Task Features_are_those_of_the_release(string release, short? metadataVersion)
    {
        await using var broker = await StartAsync(release);
        await using var client = await TestClient.ConnectAsync(broker);

        var told = await client.SendAsync(NewApiVersions(), 3);

        var level = told.FinalizedFeatures.FirstOrDefault(f => f.Name == "metadata.version")?.MaxVersionLevel;
        Assert.Equal(metadataVersion, level);
        Assert.All(told.SupportedFeatures, f => Assert.Contains(f.Name, KafkaRelease.Find(release)!.Features.Select(k => k.Name)));
    }

    [Fact]
    public async Task Versions_and_apis_that_came_later_close_the_connection()
    {
        await using var broker = await StartAsync("2.4");
        await using var tooNew = await TestClient.ConnectAsync(broker);
        await using var unknown = await TestClient.ConnectAsync(broker);
        await using var served = await TestClient.ConnectAsync(broker);

        await tooNew.PostAsync(new MetadataRequest { Topics = [] }, 10);
        await unknown.PostAsync(new DescribeClusterRequest(), 0);

        Assert.True(await tooNew.IsClosedAsync());
        Assert.True(await unknown.IsClosedAsync());
        Assert.Single((await served.SendAsync(new MetadataRequest { Topics = [] }, 9)).Brokers);
    }

    [Fact]
    public async Task Versions_that_a_newer_release_dropped_close_the_connection()
    {
        await using var broker = await StartAsync("4.3");
        await using var client = await TestClient.ConnectAsync(broker);

        await client.PostAsync(new ListOffsetsRequest(), 0);

        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task An_ApiVersions_request_that_is_too_new_is_told_what_is_served()
    {
        await using var broker = await StartAsync("2.4");
        await using var client = await TestClient.ConnectAsync(broker);

        await client.PostAsync(NewApiVersions(), 4);
        var answer = await client.ReceiveAsync<ApiVersionsResponse>(0, 0);

        Assert.Equal(ErrorCode.UnsupportedVersion, (ErrorCode)answer.ErrorCode);
        Assert.Equal(3, answer.ApiKeys.Single(k => k.ApiKey == 18).MaxVersion);
    }

    [Fact]
    public void A_release_that_is_not_known_is_a_fault_of_the_options() =>
        Assert.Contains("2.4, 2.8, 3.3, 3.9, 4.3", Assert.Single(new EmbeddedBrokerOptions { ActAs = "2.5" }.Validate()));

    private static Task<EmbeddedBroker> StartAsync(string release) =>
        Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, ActAs = release });

    private static ApiVersionsRequest NewApiVersions() => new() { ClientSoftwareName = "test", ClientSoftwareVersion = "1" };
}
