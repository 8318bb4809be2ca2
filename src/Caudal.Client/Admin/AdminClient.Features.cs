using Caudal.Client.Admin;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Features and the metadata quorum.</content>
public sealed partial class AdminClient
{
    private const string MetadataTopic = "__cluster_metadata";

    /// <summary>Tells which features there are, and at which levels the cluster works.</summary>
    public async ValueTask<IReadOnlyDictionary<string, FeatureDescription>> DescribeFeaturesAsync(
        CancellationToken cancellationToken = default)
    {
        var request = new ApiVersionsRequest { ClientSoftwareName = "caudal", ClientSoftwareVersion = "admin" };
        var response = await WholeAsync<ApiVersionsRequest, ApiVersionsResponse>(
            "Describing features", BrokerTarget.Any, request, r => r.ErrorCode, null, cancellationToken).ConfigureAwait(false);
        var finalized = response.FinalizedFeatures.ToDictionary(f => f.Name, f => (int)f.MaxVersionLevel, StringComparer.Ordinal);
        var features = response.SupportedFeatures.ToDictionary(
            f => f.Name, f => new FeatureDescription(f.MinVersion, f.MaxVersion, finalized.GetValueOrDefault(f.Name)),
            StringComparer.Ordinal);
        foreach (var (name, level) in finalized)
            features.TryAdd(name, new FeatureDescription(0, 0, level));
        return features;
    }

    /// <summary>Changes the levels of features.</summary>
    /// <param name="levels">The new levels; 0 switches a feature off.</param>
    /// <param name="upgrade">Which way they may go.</param>
    /// <param name="validateOnly">Only says whether it would work (from Kafka 3.3 on).</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each feature; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<string, KafkaException?>> UpdateFeaturesAsync(
        IReadOnlyDictionary<string, int> levels,
        FeatureUpgrade upgrade = FeatureUpgrade.Upgrade,
        bool validateOnly = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(levels);
        var call = new ItemCall<string, bool>(_client, "Updating feature", levels.Keys);
        return call.RunForErrorsAsync(
            async token =>
            {
                var asked = call.Left.ToArray();
                var response = await _client.Router.SendAsync<UpdateFeaturesRequest, UpdateFeaturesResponse>(
                    BrokerTarget.Controller,
                    version => new UpdateFeaturesRequest
                    {
                        TimeoutMs = TimeoutMs,
                        ValidateOnly = validateOnly,
                        FeatureUpdates = [.. asked.Select(name => new UpdateFeaturesRequest.FeatureUpdateKey
                        {
                            Feature = name,
                            MaxVersionLevel = checked((short)levels[name]),
                            AllowDowngrade = version == 0 && upgrade != FeatureUpgrade.Upgrade,
                            UpgradeType = version == 0 ? (sbyte)FeatureUpgrade.Upgrade : (sbyte)upgrade,
                        })],
                    },
                    default,
                    token).ConfigureAwait(false);
                // From version 2 on all features succeed or fail together, and only the whole has a code.
                foreach (var name in asked)
                {
                    var result = Array.Find(response.Results, r => r.Feature == name);
                    var code = (ErrorCode)(response.ErrorCode != 0 ? response.ErrorCode : result?.ErrorCode ?? 0);
                    call.Settle(name, code, result?.ErrorMessage ?? response.ErrorMessage, () => true);
                }
            },
            cancellationToken);
    }

    /// <summary>Describes the quorum that keeps the cluster's metadata.</summary>
    /// <exception cref="BrokerErrorException">The controllers refuse to tell.</exception>
    /// <exception cref="UnsupportedVersionException">The cluster has no such quorum.</exception>
    public async ValueTask<QuorumDescription> DescribeQuorumAsync(CancellationToken cancellationToken = default)
    {
        var request = new DescribeQuorumRequest
        {
            Topics =
            [
                new DescribeQuorumRequest.TopicData
                {
                    TopicName = MetadataTopic,
                    Partitions = [new DescribeQuorumRequest.PartitionData { PartitionIndex = 0 }],
                },
            ],
        };
        var response = await WholeAsync<DescribeQuorumRequest, DescribeQuorumResponse>(
            "Describing the metadata quorum", BrokerTarget.Any, request,
            r => r.ErrorCode != 0 ? r.ErrorCode : r.Topics is [{ Partitions: [var first, ..] }, ..] ? first.ErrorCode : (short)0,
            r => r.ErrorMessage, cancellationToken).ConfigureAwait(false);
        if (response.Topics is not [{ Partitions: [var partition, ..] }, ..])
            throw new ProtocolException("The response to DescribeQuorum does not speak of the metadata log.");
        return new QuorumDescription(
            partition.LeaderId, partition.LeaderEpoch, partition.HighWatermark, [.. partition.CurrentVoters.Select(Describe)],
            [.. partition.Observers.Select(Describe)]);
    }

    private static QuorumReplica Describe(DescribeQuorumResponse.ReplicaStateData replica) => new(
        replica.ReplicaId, replica.LogEndOffset, Time(replica.LastFetchTimestamp), Time(replica.LastCaughtUpTimestamp));

    private static DateTimeOffset? Time(long milliseconds) =>
        milliseconds < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
