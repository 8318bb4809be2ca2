using Caudal.Client.Tests.Consuming;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Client.Tests.Connections;

/// <summary>What happens when none of the brokers that are known is left (KIP-899, KIP-1102).</summary>
public sealed class RebootstrapTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MetadataRecovery.Rebootstrap)]
    [InlineData(MetadataRecovery.None)]
    public async Task A_cluster_that_moved_as_a_whole_is_found_again_if_wanted(MetadataRecovery recovery)
    {
        await using var cluster = new ScriptedCluster(nodes: 2);
        // Node 0 is what the bootstrap list names; the cluster says that it consists of node 1 alone.
        var isMoved = false;
        cluster.On<MetadataRequest, MetadataResponse>((node, _, _) => new MetadataResponse
        {
            ClusterId = "c",
            Brokers = [Broker(cluster, 1, isMoved ? 9 : 1)],
        });
        await using var client = await KafkaClient.ConnectAsync(
            cluster.ClientOptions with { MetadataRecovery = recovery, ApiTimeout = TimeSpan.FromSeconds(30) }, Token);

        // Nothing listens where the cluster was: only the bootstrap list leads to where it is now.
        isMoved = true;
        await client.Metadata.RefreshAsync(null, Token);
        isMoved = false;
        var refreshing = client.Metadata.RefreshAsync(null, Token);

        if (recovery == MetadataRecovery.Rebootstrap)
        {
            await refreshing;
            Assert.True(client.Pool.TryGet(1, out var found));
            Assert.Equal(cluster.Address(1).Port, found.Address.Port);
        }
        else
        {
            await Assert.ThrowsAsync<ConnectionException>(() => refreshing);
        }
    }

    [Fact]
    public async Task A_broker_may_send_the_client_back_to_the_bootstrap_list()
    {
        await using var cluster = new ScriptedCluster(nodes: 2);
        cluster.On<MetadataRequest, MetadataResponse>((node, _, _) => node == 1
            ? new MetadataResponse { ErrorCode = (short)ErrorCode.RebootstrapRequired }
            : new MetadataResponse { ClusterId = "c", Brokers = [Broker(cluster, 1, 1)] });
        await using var client = await KafkaClient.ConnectAsync(cluster.ClientOptions, Token);

        for (var i = 0; i < 3; i++)
            await client.Metadata.RefreshAsync(null, Token);

        Assert.Equal("c", client.Metadata.Current.ClusterId);
        Assert.Contains(cluster.Requests, r => r is { Key: ApiKey.Metadata, Node: 1 });
    }

    private static MetadataResponse.MetadataResponseBroker Broker(ScriptedCluster cluster, int id, int place) => new()
    {
        NodeId = id,
        Host = place < cluster.NodeCount ? cluster.Address(place).Host : "gone",
        Port = place < cluster.NodeCount ? cluster.Address(place).Port : 1,
    };
}
