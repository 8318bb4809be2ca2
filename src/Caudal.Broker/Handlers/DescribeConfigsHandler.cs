// DescribeConfigs (32), versions 0-4.
// * Topics by name; the broker by its id; the empty broker name tells the dynamic settings of all brokers only, as in Kafka.
// * Keys null or empty: all settings. Every topic setting has a value, set or not; keys that do not exist are left out.
// * Sources, synonyms, types and documentation as the version and the request ask. Nothing here is sensitive.
// * Synonyms tell the built-in defaults too, in the setting's own unit; Kafka leaves some of them out.
// * Other kinds of resources (loggers, client metrics, groups) are INVALID_REQUEST: they have no settings here.
using System.Globalization;
using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Result = Caudal.Protocol.Messages.DescribeConfigsResponse.DescribeConfigsResult;
using Setting = Caudal.Protocol.Messages.DescribeConfigsResponse.DescribeConfigsResourceResult;

namespace Caudal.Broker.Handlers;

/// <summary>Tells the settings of topics and of the broker.</summary>
internal sealed class DescribeConfigsHandler(BrokerIdentity identity, TopicRegistry topics, ConfigStore configs)
    : RequestHandler<DescribeConfigsRequest, DescribeConfigsResponse>
{
    private readonly string _self = identity.NodeId.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    protected override ValueTask<DescribeConfigsResponse?> HandleAsync(RequestContext context, DescribeConfigsRequest request, Reply reply)
    {
        var results = Array.ConvertAll(request.Resources, resource => Describe(resource, request, context.ApiVersion));
        return new(new DescribeConfigsResponse { Results = results });
    }

    private Result Describe(DescribeConfigsRequest.DescribeConfigsResource resource, DescribeConfigsRequest request, short version)
    {
        var wanted = resource.ConfigurationKeys is { Length: > 0 } keys ? keys.ToHashSet(StringComparer.Ordinal) : null;
        switch (resource.ResourceType)
        {
            case ConfigResources.Topic when topics.TryGet(resource.ResourceName, out var topic):
                return Found(resource, from definition in TopicConfigs.All
                                       where wanted?.Contains(definition.Name) != false
                                       let sources = configs.Sources(definition, topic.Configs).ToList()
                                       select Describe(definition, sources, readOnly: false, request, version));
            case ConfigResources.Topic when TopicNames.Fault(resource.ResourceName) is { } fault:
                return Refused(resource, ErrorCode.InvalidTopicException, fault);
            case ConfigResources.Topic:
                return Refused(resource, ErrorCode.UnknownTopicOrPartition, $"The topic '{resource.ResourceName}' does not exist.");
            case ConfigResources.Broker when resource.ResourceName.Length == 0:
                return Found(resource, from definition in BrokerConfigs.All
                                       where wanted?.Contains(definition.Name) != false
                                       let value = configs.DynamicDefault.GetValueOrDefault(definition.Name)
                                       where value is not null
                                       let source = (definition.Name, value, ConfigSource.DynamicDefaultBroker)
                                       select Describe(definition, [source], readOnly: false, request, version));
            case ConfigResources.Broker when resource.ResourceName == _self:
                return Found(resource, from definition in BrokerConfigs.All
                                       where wanted?.Contains(definition.Name) != false
                                       let places = configs.Sources(definition.Name)
                                       let sources = places.Select(p => (definition.Name, p.Value, p.Source)).ToList()
                                       select Describe(definition, sources, !definition.IsDynamic, request, version));
            case ConfigResources.Broker:
                var message = $"Unexpected broker id, expected {_self} or empty string, but received {resource.ResourceName}";
                return Refused(resource, ErrorCode.InvalidRequest, message);
            default:
                return Refused(resource, ErrorCode.InvalidRequest, ConfigResources.NoSettings(resource.ResourceType));
        }
    }

    private static Setting Describe(
        ConfigDefinition definition,
        List<(string Name, string Value, ConfigSource Source)> sources,
        bool readOnly,
        DescribeConfigsRequest request,
        short version)
    {
        var first = sources.Count > 0 ? sources[0] : (definition.Name, Value: null!, Source: ConfigSource.Default);
        var setting = new Setting
        {
            Name = definition.Name,
            Value = first.Value,
            ReadOnly = readOnly,
            ConfigSource = (sbyte)first.Source,
            ConfigType = (sbyte)definition.Type,
            Documentation = request.IncludeDocumentation ? definition.Documentation : null,
        };
        if (version == 0)
            setting.IsDefault = first.Source == ConfigSource.Default;
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
