using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class ApiVersionsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_version_lists_what_is_served(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var response = await client.SendAsync(
            new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1.0" }, version);

        Assert.Equal(0, response.ErrorCode);
        Assert.Contains(response.ApiKeys, k => k is { ApiKey: (short)ApiKey.Fetch, MinVersion: 4, MaxVersion: 18 });
        Assert.Contains(response.ApiKeys, k => k is { ApiKey: (short)ApiKey.Metadata, MinVersion: 0, MaxVersion: 13 });
        Assert.Equal(response.ApiKeys.Select(k => k.ApiKey).Distinct().Count(), response.ApiKeys.Length);
    }

    [Fact]
    public async Task Produce_is_advertised_from_version_0_for_the_sake_of_old_librdkafka()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var response = await client.SendAsync(new ApiVersionsRequest(), 0);

        Assert.Contains(response.ApiKeys, k => k is { ApiKey: (short)ApiKey.Produce, MinVersion: 0, MaxVersion: 13 });
    }

    [Fact]
    public async Task A_version_from_the_future_is_answered_in_the_layout_of_version_0()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        await client.PostRawAsync((short)ApiKey.ApiVersions, 99, [1, 2, 3, 4, 5, 6, 7]);
        var response = await client.ReceiveAsync<ApiVersionsResponse>(0, headerVersion: 0);

        Assert.Equal(ErrorCode.UnsupportedVersion, (ErrorCode)response.ErrorCode);
        Assert.Contains(response.ApiKeys, k => k is { ApiKey: (short)ApiKey.ApiVersions, MaxVersion: 4 });
        // The connection goes on.
        Assert.Equal(0, (await client.SendAsync(new ApiVersionsRequest(), 0)).ErrorCode);
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData("-a", "1")]
    [InlineData("a b", "1")]
    [InlineData("a", "1.")]
    public async Task A_malformed_software_name_is_an_invalid_request(string name, string version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        var response = await client.SendAsync(new ApiVersionsRequest { ClientSoftwareName = name, ClientSoftwareVersion = version }, 3);

        Assert.Equal(ErrorCode.InvalidRequest, (ErrorCode)response.ErrorCode);
    }

    [Fact]
    public async Task All_versions_of_all_advertised_apis_are_answered()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var keys = (await client.SendAsync(new ApiVersionsRequest(), 0)).ApiKeys.ToDictionary(k => (ApiKey)k.ApiKey);

        for (var v = keys[ApiKey.Metadata].MinVersion; v <= keys[ApiKey.Metadata].MaxVersion; v++)
            Assert.Single((await client.SendAsync(new MetadataRequest { Topics = [] }, v)).Brokers);
        for (var v = keys[ApiKey.DescribeCluster].MinVersion; v <= keys[ApiKey.DescribeCluster].MaxVersion; v++)
            Assert.Equal(1, (await client.SendAsync(new DescribeClusterRequest(), v)).ControllerId);
        for (var v = keys[ApiKey.InitProducerId].MinVersion; v <= keys[ApiKey.InitProducerId].MaxVersion; v++)
            Assert.Equal(0, (await client.SendAsync(new InitProducerIdRequest { TransactionalId = null }, v)).ErrorCode);
        for (var v = keys[ApiKey.ListPartitionReassignments].MinVersion; v <= keys[ApiKey.ListPartitionReassignments].MaxVersion; v++)
            Assert.Empty((await client.SendAsync(new ListPartitionReassignmentsRequest(), v)).Topics);
        for (var v = keys[ApiKey.CreatePartitions].MinVersion; v <= keys[ApiKey.CreatePartitions].MaxVersion; v++)
            Assert.Empty((await client.SendAsync(new CreatePartitionsRequest(), v)).Results);
        for (var v = keys[ApiKey.IncrementalAlterConfigs].MinVersion; v <= keys[ApiKey.IncrementalAlterConfigs].MaxVersion; v++)
            Assert.Empty((await client.SendAsync(new IncrementalAlterConfigsRequest(), v)).Responses);
    }
}
