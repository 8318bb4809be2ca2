using Caudal.Client.Admin;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Settings.</content>
public sealed partial class AdminClient
{
    /// <summary>Tells the settings of topics, brokers and groups.</summary>
    /// <returns>The settings of each, in the order of names.</returns>
    public ValueTask<IReadOnlyDictionary<ConfigResource, AdminResult<IReadOnlyList<ConfigEntry>>>> DescribeConfigsAsync(
        IEnumerable<ConfigResource> resources,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<ConfigResource, IReadOnlyList<ConfigEntry>>(_client, "Describing the settings of", resources);
        return call.RunAsync(
            async token =>
            {
                foreach (var (target, group) in ByBroker(call.Left))
                {
                    var request = new DescribeConfigsRequest
                    {
                        Resources = [.. group.Select(
                            resource => new DescribeConfigsRequest.DescribeConfigsResource
                            {
                                ResourceType = (sbyte)resource.Type,
                                ResourceName = resource.Name,
                                ConfigurationKeys = null,
                            })],
                    };
                    var response = await SendAsync<DescribeConfigsRequest, DescribeConfigsResponse>(
                        target, request, token).ConfigureAwait(false);
                    foreach (var result in response.Results)
                    {
                        var resource = new ConfigResource((ConfigResourceType)result.ResourceType, result.ResourceName);
                        if ((ErrorCode)result.ErrorCode == ErrorCode.UnknownTopicOrPartition)
                            call.Refuse(resource, ErrorCode.UnknownTopicOrPartition, result.ErrorMessage, resource.Name);
                        else
                            call.Settle(
                                resource,
                                (ErrorCode)result.ErrorCode,
                                result.ErrorMessage,
                                () => [.. result.Configs.Select(Entry).OrderBy(entry => entry.Name, StringComparer.Ordinal)]);
                    }
                }
            },
            cancellationToken);
    }

    /// <summary>Changes single settings and leaves the others as they are (KIP-339).</summary>
    /// <param name="changes">The changes of each resource.</param>
    /// <param name="validateOnly">Only says whether it would work.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<ConfigResource, KafkaException?>> AlterConfigsAsync(
        IReadOnlyDictionary<ConfigResource, IReadOnlyList<ConfigChange>> changes,
        bool validateOnly = false,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<ConfigResource, bool>(_client, "Changing the settings of", changes.Keys);
        return call.RunForErrorsAsync(
            async token =>
            {
                foreach (var (target, group) in ByBroker(call.Left))
                {
                    var request = new IncrementalAlterConfigsRequest
                    {
                        Resources = [.. group.Select(
                        resource => Alteration(resource, changes[resource]))],
                        ValidateOnly = validateOnly
                    };
                    var response = await SendAsync<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
                        target, request, token).ConfigureAwait(false);
                    foreach (var result in response.Responses)
                    {
                        var resource = new ConfigResource((ConfigResourceType)result.ResourceType, result.ResourceName);
                        if ((ErrorCode)result.ErrorCode == ErrorCode.UnknownTopicOrPartition)
                            call.Refuse(resource, ErrorCode.UnknownTopicOrPartition, result.ErrorMessage, resource.Name);
                        else
                            call.Settle(resource, (ErrorCode)result.ErrorCode, result.ErrorMessage, () => true);
                    }
                }
            },
            cancellationToken);
    }

    // The settings of a single broker are known to that broker only; the rest to all.
    private static List<(BrokerTarget Target, List<ConfigResource> Resources)> ByBroker(IReadOnlyCollection<ConfigResource> resources) =>
    [
        .. resources.GroupBy(
            resource => resource.Type == ConfigResourceType.Broker && int.TryParse(resource.Name, out var id)
                ? BrokerTarget.Node(id)
                : BrokerTarget.Any)
            .Select(group => (group.Key, group.ToList())),
    ];

    private static IncrementalAlterConfigsRequest.AlterConfigsResource Alteration(
        ConfigResource resource,
        IReadOnlyList<ConfigChange> changes) => new()
        {
            ResourceType = (sbyte)resource.Type,
            ResourceName = resource.Name,
            Configs = [.. changes.Select(
                change => new IncrementalAlterConfigsRequest.AlterableConfig
                {
                    Name = change.Name,
                    Value = change.Value,
                    ConfigOperation = change.Operation,
                })],
        };

    private static ConfigEntry Entry(DescribeConfigsResponse.DescribeConfigsResourceResult config)
    {
        var source = config.ConfigSource switch
        {
            < 0 => config.IsDefault ? ConfigSource.Default : ConfigSource.Unknown,
            > (sbyte)ConfigSource.Group => ConfigSource.Unknown,
            _ => (ConfigSource)config.ConfigSource,
        };
        return new ConfigEntry(config.Name, config.Value, source, config.ReadOnly, config.IsSensitive);
    }
}
