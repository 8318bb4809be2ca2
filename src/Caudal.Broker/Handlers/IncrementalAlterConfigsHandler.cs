// IncrementalAlterConfigs (44), versions 0-1.
// * Operations SET, DELETE, APPEND and SUBTRACT; the last two on lists only, starting from the value that counts when the topic has none of
//   its own.
// * Each resource changes whole or not at all. Unknown names and bad values: INVALID_CONFIG, with the nearest name suggested.
// * The broker (by id) and all brokers (empty name) take their dynamic settings only; topics that follow them change at once.
// * A resource or a key named twice is INVALID_REQUEST. validateOnly changes nothing.
using System.Globalization;
using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Resource = Caudal.Protocol.Messages.IncrementalAlterConfigsRequest.AlterConfigsResource;

namespace Caudal.Broker.Handlers;

/// <summary>Changes single settings of topics and of the broker.</summary>
internal sealed class IncrementalAlterConfigsHandler(BrokerIdentity identity, TopicRegistry topics, ConfigStore configs)
    : RequestHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>
{
    private readonly string _self = identity.NodeId.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    protected override async ValueTask<IncrementalAlterConfigsResponse?> HandleAsync(
        RequestContext context, IncrementalAlterConfigsRequest request, Reply reply)
    {
        var results = new List<IncrementalAlterConfigsResponse.AlterConfigsResourceResponse>(request.Resources.Length);
        foreach (var same in request.Resources.GroupBy(r => (Type: r.ResourceType, Name: r.ResourceName)))
        {
            var (error, message) = same.Skip(1).Any()
                ? (ErrorCode.InvalidRequest, "Each resource must appear at most once.")
                : await AlterAsync(same.First(), request.ValidateOnly).ConfigureAwait(false);
            results.Add(new()
            {
                ErrorCode = (short)error,
                ErrorMessage = message,
                ResourceType = same.Key.Type,
                ResourceName = same.Key.Name,
            });
        }

        return new IncrementalAlterConfigsResponse { Responses = [.. results] };
    }

    private async ValueTask<(ErrorCode Error, string? Message)> AlterAsync(Resource resource, bool validateOnly)
    {
        if (resource.Configs.GroupBy(c => c.Name, StringComparer.Ordinal).Any(g => g.Skip(1).Any()))
            return (ErrorCode.InvalidRequest, "Error due to duplicate config keys");
        var name = resource.ResourceName;
        switch (resource.ResourceType)
        {
            case ConfigResources.Topic:
                var outcome = await topics
                    .ConfigureAsync(name, present => ChangeTopic(present, resource), validateOnly)
                    .ConfigureAwait(false);
                return (outcome.Error, outcome.Message);
            case ConfigResources.Broker when name.Length == 0 || name == _self:
                if (resource.Configs.FirstOrDefault(c => BrokerConfigs.TryGet(c.Name, out var d) && !d.IsDynamic) is { } unchangeable)
                    return (ErrorCode.InvalidRequest, $"Cannot update these configs dynamically: Set({unchangeable.Name})");
                var fault = await topics
                    .ConfigureBrokerAsync(name.Length == 0, present => ChangeBroker(present, resource), validateOnly)
                    .ConfigureAwait(false);
                return fault is null ? (ErrorCode.None, null) : (ErrorCode.InvalidConfig, fault);
            case ConfigResources.Broker:
                return (ErrorCode.InvalidRequest, $"Unexpected broker id, expected {_self} or empty string, but received {name}");
            default:
                return (ErrorCode.InvalidRequest, ConfigResources.NoSettings(resource.ResourceType));
        }
    }

    private (IReadOnlyDictionary<string, string>? Configs, string? Fault) ChangeTopic(
        IReadOnlyDictionary<string, string> present, Resource resource) =>
        ConfigChange.Apply(
            present,
            resource.Configs,
            static name => TopicConfigs.TryGet(name, out var definition) ? definition : null,
            definition => configs.Resolve(definition, present).Value);

    private (IReadOnlyDictionary<string, string>? Configs, string? Fault) ChangeBroker(
        IReadOnlyDictionary<string, string> present, Resource resource)
    {
        var (changed, fault) = ConfigChange.Apply(
            present,
            resource.Configs,
            static name => BrokerConfigs.TryGet(name, out var definition) ? definition : null,
            definition => configs.Get(definition.Name));
        foreach (var (name, value) in changed ?? present)
            fault ??= BrokerConfigs.Check(name, value);
        return fault is null ? (changed, null) : (null, fault);
    }
}
