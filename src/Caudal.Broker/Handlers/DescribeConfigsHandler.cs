// DescribeConfigs (32), versions 0-4.
// * Topics by name; the broker by its id; the empty broker name tells the dynamic settings of all brokers only, as in Kafka.
// * Keys null or empty: all settings. Every topic setting has a value, set or not; keys that do not exist are left out.
// * Sources, synonyms, types and documentation as the version and the request ask. Nothing here is sensitive.
// * Synonyms are Kafka's: of settings in several units (log.retention.ms, .minutes, .hours) see ConfigStore.Synonyms, each value in its own
//   unit. The source is that of the first synonym.
// * Groups by name, existing or not: their defaults are the brokers'.
// * Other kinds of resources (loggers, client metrics) are INVALID_REQUEST: they have no settings here.
using System.Globalization;
using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Result = Caudal.Protocol.Messages.DescribeConfigsResponse.DescribeConfigsResult;
using Setting = Caudal.Protocol.Messages.DescribeConfigsResponse.DescribeConfigsResourceResult;

namespace Caudal.Broker.Handlers;

/// <summary>Tells the settings of topics and of the broker.</summary>
internal sealed class DescribeConfigsHandler(ClusterNodes nodes, TopicRegistry topics, ConfigStore configs)
    : RequestHandler<DescribeConfigsRequest, DescribeConfigsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<DescribeConfigsResponse?> HandleAsync(
        RequestContext context, DescribeConfigsRequest request, Reply reply)
    {
        var self = context.NodeId.ToString(CultureInfo.InvariantCulture);
        var groups = Array.Exists(request.Resources, static r => r.ResourceType == ConfigResources.Group)
            ? await topics.ReadMetadataAsync(static image => image.Groups.ToDictionary()).ConfigureAwait(false)
            : [];
        var results = Array.ConvertAll(
            request.Resources,
            resource => resource.ResourceType == ConfigResources.Group
                ? DescribeGroup(resource, request, context.ApiVersion, groups.GetValueOrDefault(resource.ResourceName))
                : Describe(resource, request, context, self));
        return new DescribeConfigsResponse { Results = results };
    }

    private Result Describe(
        DescribeConfigsRequest.DescribeConfigsResource resource, DescribeConfigsRequest request, RequestContext context, string self)
    {
        var version = context.ApiVersion;
        var wanted = Wanted(resource);
        switch (resource.ResourceType)
        {
            case ConfigResources.Topic when topics.TryGet(resource.ResourceName, out var topic):
                return Found(resource, from definition in TopicConfigs.All
                                       where wanted?.Contains(definition.Name) != false
                                       let value = configs.Resolve(definition, topic.Configs).Value
                                       let sources = Synonyms(definition, topic.Configs).ToList()
                                       select Describe(definition, value, sources, readOnly: false, request, version));
            case ConfigResources.Topic when TopicNames.Fault(resource.ResourceName) is { } fault:
                return Refused(resource, ErrorCode.InvalidTopicException, fault);
            case ConfigResources.Topic:
                return Refused(resource, ErrorCode.UnknownTopicOrPartition, "");
            case ConfigResources.Broker when resource.ResourceName.Length == 0:
                return Found(resource, from definition in BrokerConfigs.All
                                       where wanted?.Contains(definition.Name) != false
                                       let value = configs.DynamicDefault.GetValueOrDefault(definition.Name)
                                       where value is not null
                                       let source = (definition.Name, value, ConfigSource.DynamicDefaultBroker)
                                       select Describe(definition, value, [source], readOnly: false, request, version));
            case ConfigResources.Broker when resource.ResourceName == self:
                return Found(resource, from definition in BrokerConfigs.All
                                       where wanted?.Contains(definition.Name) != false
                                       let own = OfNode(definition.Name, context.NodeId)
                                       let value = own ?? configs.Get(definition.Name)
                                       let sources = own is null
                                           ? configs.Synonyms(definition.Name).ToList()
                                           : [(definition.Name, own, ConfigSource.StaticBroker)]
                                       select Describe(definition, value, sources, !definition.IsDynamic, request, version));
            case ConfigResources.Broker:
                var message = $"Unexpected broker id, expected {self} or empty string, but received {resource.ResourceName}";
                return Refused(resource, ErrorCode.InvalidRequest, message);
            default:
                return Refused(resource, ErrorCode.InvalidRequest, ConfigResources.NoSettings(resource.ResourceType));
        }
    }

    private static Result DescribeGroup(
        DescribeConfigsRequest.DescribeConfigsResource resource,
        DescribeConfigsRequest request,
        short version,
        IReadOnlyDictionary<string, string>? own)
    {
        if (resource.ResourceName.Length == 0)
            return Refused(resource, ErrorCode.InvalidRequest, "Group name must not be empty");
        var wanted = Wanted(resource);
        return Found(resource, from definition in GroupConfigs.All
                               where wanted?.Contains(definition.Name) != false
                               let value = own?.GetValueOrDefault(definition.Name)
                               let fallback = (GroupConfigs.DefaultName(definition.Name), definition.Default!, ConfigSource.Default)
                               select Describe(
                                   definition,
                                   value ?? definition.Default,
                                   value is null ? [fallback] : [(definition.Name, value, ConfigSource.Group), fallback],
                                   readOnly: false,
                                   request,
                                   version));
    }

    private static HashSet<string>? Wanted(DescribeConfigsRequest.DescribeConfigsResource resource) =>
        resource.ConfigurationKeys is { Length: > 0 } keys ? keys.ToHashSet(StringComparer.Ordinal) : null;

    // What each of several nodes has for itself.
    private string? OfNode(string name, int id) => name switch
    {
        _ when nodes.Count == 1 || !nodes.TryGet(id, out _) => null,
        "node.id" or "broker.id" => id.ToString(CultureInfo.InvariantCulture),
        "broker.rack" => nodes.TryGet(id, out var node) ? node.Rack : null,
        _ => null,
    };

    // A topic's setting has its own value before those of the broker's setting that stands in for it.
    private IEnumerable<(string Name, string Value, ConfigSource Source)> Synonyms(
        ConfigDefinition definition, IReadOnlyDictionary<string, string> overrides)
    {
        var brokers = definition.Synonyms is [var first, ..] ? configs.Synonyms(first.Name) : [];
        return overrides.TryGetValue(definition.Name, out var value)
            ? brokers.Prepend((definition.Name, value, ConfigSource.Topic))
            : brokers;
    }

    private static Setting Describe(
        ConfigDefinition definition,
        string? value,
        List<(string Name, string Value, ConfigSource Source)> sources,
        bool readOnly,
        DescribeConfigsRequest request,
        short version)
    {
        var source = sources.Count > 0 ? sources[0].Source : ConfigSource.Default;
        var setting = new Setting
        {
            Name = definition.Name,
            Value = value,
            ReadOnly = readOnly,
            ConfigSource = (sbyte)source,
            ConfigType = (sbyte)definition.Type,
            Documentation = request.IncludeDocumentation ? definition.Documentation : null,
        };
        if (version == 0)
            setting.IsDefault = source == ConfigSource.Default;
        if (request.IncludeSynonyms)
            setting.Synonyms = [.. sources.Select(Synonym)];
        return setting;
    }

    private static DescribeConfigsResponse.DescribeConfigsSynonym Synonym((string Name, string Value, ConfigSource Source) source) =>
        new() { Name = source.Name, Value = source.Value, Source = (sbyte)source.Source };

    private static Result Found(DescribeConfigsRequest.DescribeConfigsResource resource, IEnumerable<Setting> settings) =>
        new() { ResourceType = resource.ResourceType, ResourceName = resource.ResourceName, Configs = [.. settings] };

    private static Result Refused(DescribeConfigsRequest.DescribeConfigsResource resource, ErrorCode error, string message) =>
        new()
        {
            ErrorCode = (short)error,
            ErrorMessage = message,
            ResourceType = resource.ResourceType,
            ResourceName = resource.ResourceName,
        };
}
