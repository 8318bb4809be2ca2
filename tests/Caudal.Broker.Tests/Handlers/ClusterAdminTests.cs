using Caudal.Broker.Configuration;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class ClusterAdminTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Without_an_authorizer_rules_of_access_are_disabled(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var described = await client.SendAsync(
            new DescribeAclsRequest { ResourceTypeFilter = 1, Operation = 1, PermissionType = 1 }, version);
        var created = await client.SendAsync(new CreateAclsRequest { Creations = [new(), new()] }, version);
        var deleted = await client.SendAsync(new DeleteAclsRequest { Filters = [new()] }, version);

        Assert.Equal(ErrorCode.SecurityDisabled, (ErrorCode)described.ErrorCode);
        Assert.Equal([54, 54], created.Results.Select(r => (int)r.ErrorCode));
        Assert.Equal([54], deleted.FilterResults.Select(r => (int)r.ErrorCode));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_controller_is_a_quorum_of_one(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var request = new DescribeQuorumRequest
        {
            Topics =
            [
                new() { TopicName = "__cluster_metadata", Partitions = [new() { PartitionIndex = 0 }, new() { PartitionIndex = 1 }] },
                new() { TopicName = "t", Partitions = [new() { PartitionIndex = 0 }] },
            ],
        };

        var response = await client.SendAsync(request, version);

        var quorum = response.Topics[0].Partitions[0];
        Assert.Equal((1, ErrorCode.None), (quorum.LeaderId, (ErrorCode)quorum.ErrorCode));
        Assert.Equal((1, quorum.HighWatermark), (quorum.CurrentVoters[0].ReplicaId, quorum.CurrentVoters[0].LogEndOffset));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)response.Topics[0].Partitions[1].ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)response.Topics[1].Partitions[0].ErrorCode);
        Assert.Equal(version >= 2 ? 1 : 0, response.Nodes.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Features_go_up_only_as_far_as_the_broker_knows(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal(ErrorCode.None, await UpdateAsync("metadata.version", 30));
        Assert.Equal(ErrorCode.InvalidUpdateVersion, await UpdateAsync("metadata.version", 31));
        Assert.Equal(ErrorCode.InvalidUpdateVersion, await UpdateAsync("metadata.version", 29));
        Assert.Equal(ErrorCode.InvalidUpdateVersion, await UpdateAsync("no.such", 1));

        async Task<ErrorCode> UpdateAsync(string feature, short level)
        {
            var update = new UpdateFeaturesRequest.FeatureUpdateKey { Feature = feature, MaxVersionLevel = level };
            var response = await client.SendAsync(new UpdateFeaturesRequest { FeatureUpdates = [update] }, version);
            if (version < 2)
                Assert.Equal(response.ErrorCode, Assert.Single(response.Results).ErrorCode);
            return (ErrorCode)response.ErrorCode;
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task ApiVersions_tells_the_features(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var response = await client.SendAsync(
            new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" }, version);

        Assert.Contains(response.SupportedFeatures, f => f is { Name: "metadata.version", MinVersion: 7, MaxVersion: 30 });
        Assert.Contains(response.FinalizedFeatures, f => f is { Name: "metadata.version", MaxVersionLevel: 30 });
        // KIP-584: clients that know nothing of version 4 reject features whose lowest level is 0.
        Assert.DoesNotContain(response.SupportedFeatures, f => version == 3 && f.MinVersion == 0);
        Assert.True(response.FinalizedFeaturesEpoch >= 0);
    }

    [Fact]
    public async Task What_has_settings_is_listed_by_its_kind()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("b");
        await client.CreateTopicAsync("a");

        Assert.Equal(["4:1", "2:a", "2:b"], await ListAsync([]));
        Assert.Equal(["2:a", "2:b"], await ListAsync([ConfigResources.Topic]));
        Assert.Equal([], await ListAsync([8, 16, 32]));
        Assert.Empty((await client.SendAsync(new ListConfigResourcesRequest(), 0)).ConfigResources);
        var unknown = await client.SendAsync(new ListConfigResourcesRequest { ResourceTypes = [3] });
        Assert.Equal(ErrorCode.UnsupportedVersion, (ErrorCode)unknown.ErrorCode);

        async Task<List<string>> ListAsync(sbyte[] types)
        {
            var response = await client.SendAsync(new ListConfigResourcesRequest { ResourceTypes = types });
            return [.. response.ConfigResources.Select(r => $"{r.ResourceType}:{r.ResourceName}")];
        }
    }
}
