using Caudal.Protocol.Messages;

namespace Caudal.Protocol.Tests.Wire;

public sealed class KafkaApisTests
{
    [Theory]
    [InlineData(ApiKey.Fetch, 11, 1, 0)]
    [InlineData(ApiKey.Fetch, 12, 2, 1)]
    [InlineData(ApiKey.Heartbeat, 3, 1, 0)]
    [InlineData(ApiKey.Heartbeat, 4, 2, 1)]
    [InlineData(ApiKey.DescribeCluster, 0, 2, 1)]
    [InlineData(ApiKey.ApiVersions, 2, 1, 0)]
    [InlineData(ApiKey.ApiVersions, 4, 2, 0)]
    public void Flexible_versions_have_flexible_headers_but_for_the_response_of_ApiVersions(
        ApiKey key, short version, short request, short response)
    {
        Assert.Equal(request, KafkaApis.RequestHeaderVersion(key, version));
        Assert.Equal(response, KafkaApis.ResponseHeaderVersion(key, version));
    }

    [Fact]
    public void The_table_has_the_versions_of_the_messages()
    {
        Assert.True(KafkaApis.TryGet(ApiKey.Fetch, out var fetch));
        Assert.Equal(FetchRequest.ApiKey, fetch.Key);
        Assert.Equal((FetchRequest.MinVersion, FetchRequest.MaxVersion), (fetch.Min, fetch.Max));
        Assert.Equal(FetchRequest.FirstFlexibleVersion, fetch.FirstFlexible);
        Assert.False(KafkaApis.TryGet((ApiKey)999, out _));
    }

    [Fact]
    public void The_table_is_in_the_order_of_keys_and_has_each_once()
    {
        var keys = KafkaApis.All.ToArray().Select(api => (int)api.Key).ToList();
        Assert.Equal([0, 1, 2, 3], keys.Take(4));
        Assert.Equal(keys.Distinct().Order(), keys);
        Assert.Equal(Enum.GetValues<ApiKey>().Length, keys.Count);
    }
}
