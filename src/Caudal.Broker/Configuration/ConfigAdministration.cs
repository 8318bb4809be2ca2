using Caudal.Broker.Topics;
using Caudal.Protocol;

namespace Caudal.Broker.Configuration;

/// <summary>
/// Changes settings for AlterConfigs and IncrementalAlterConfigs, which differ in what becomes of the settings that are not named. The
/// words of refusals are Kafka's: its tools print them.
/// </summary>
internal sealed class ConfigAdministration(TopicRegistry topics, ConfigStore configs)
{
    /// <summary>The refusal of a resource that a request names twice.</summary>
    public const string Repeated = "Each resource must appear at most once.";

    /// <summary>Changes the settings of one resource, all that is asked for or nothing.</summary>
    /// <param name="nodeId">The node that received the request: changes of a broker go to itself.</param>
    /// <param name="type">The kind of the resource.</param>
    /// <param name="name">Its name.</param>
    /// <param name="operations">What to change.</param>
    /// <param name="replacesAll">Whether settings that are not named go back to their defaults.</param>
    /// <param name="validateOnly">Whether to check and change nothing.</param>
    public async ValueTask<(ErrorCode Error, string? Message)> AlterAsync(
        int nodeId, sbyte type, string name, ConfigOperation[] operations, bool replacesAll, bool validateOnly)
    {
        if (operations.GroupBy(static o => o.Name, StringComparer.Ordinal).Any(static same => same.Skip(1).Any()))
            return (ErrorCode.InvalidRequest, "Error due to duplicate config keys");
        foreach (var operation in operations)
        {
            if (operation is { Value: null, Kind: not ConfigOperation.Delete })
                return (ErrorCode.InvalidRequest, $"Null value not supported for : {operation.Name}");
        }

        return type switch
        {
            ConfigResources.Topic => await AlterTopicAsync(name, operations, replacesAll, validateOnly).ConfigureAwait(false),
            ConfigResources.Group => await AlterGroupAsync(name, operations, replacesAll, validateOnly).ConfigureAwait(false),
            ConfigResources.Broker => await AlterBrokerAsync(nodeId, name, operations, replacesAll, validateOnly).ConfigureAwait(false),
            _ => (ErrorCode.InvalidRequest, ConfigResources.NoSettings(type)),
        };
    }

    private async ValueTask<(ErrorCode Error, string? Message)> AlterTopicAsync(
        string name, ConfigOperation[] operations, bool replacesAll, bool validateOnly)
    {
        if (name.Length == 0)
            return (ErrorCode.InvalidRequest, "Default topic resources are not allowed.");
        if (TopicNames.Fault(name) is { } fault)
            return (ErrorCode.InvalidTopicException, fault);
        var outcome = await topics
            .ConfigureAsync(
                name,
                present => ConfigChange.Apply(
                    replacesAll ? [] : present,
                    operations,
                    static setting => TopicConfigs.TryGet(setting, out var definition) ? definition : null,
                    definition => configs.Resolve(definition, present).Value),
                validateOnly)
            .ConfigureAwait(false);
        return (outcome.Error, outcome.Message);
    }

    private async ValueTask<(ErrorCode Error, string? Message)> AlterGroupAsync(
        string name, ConfigOperation[] operations, bool replacesAll, bool validateOnly)
    {
        if (name.Length == 0)
            return (ErrorCode.InvalidRequest, "Default group resources are not allowed.");
        return await topics
            .ChangeMetadataAsync<(ErrorCode, string?)>(image =>
            {
                var present = image.Groups.GetValueOrDefault(name) ?? new Dictionary<string, string>();
                var (changed, fault) = ConfigChange.Apply(
                    replacesAll ? [] : present, operations, GroupConfigs.Find, static definition => definition.Default);
                fault ??= GroupConfigs.Check(changed!);
                return fault is not null ? ([], (ErrorCode.InvalidConfig, fault))
                    : validateOnly ? ([], (ErrorCode.None, null))
                    : ([new MetadataRecord.GroupConfigured(name, changed!)], (ErrorCode.None, null));
            })
            .ConfigureAwait(false);
    }

    private async ValueTask<(ErrorCode Error, string? Message)> AlterBrokerAsync(
        int nodeId, string name, ConfigOperation[] operations, bool replacesAll, bool validateOnly)
    {
        if (name.Length > 0 && name != $"{nodeId}")
            return (ErrorCode.InvalidRequest, $"Unexpected broker id, expected {nodeId} or empty string, but received {name}");
        var fixedNames = operations.Where(static o => BrokerConfigs.TryGet(o.Name, out var d) && !d.IsDynamic).Select(static o => o.Name);
        if (string.Join(", ", fixedNames) is { Length: > 0 } unchangeable)
            return (ErrorCode.InvalidRequest, $"Cannot update these configs dynamically: [{unchangeable}]");
        var fault = await topics
            .ConfigureBrokerAsync(
                name.Length == 0, present => ChangeBroker(replacesAll ? [] : present, operations), validateOnly)
            .ConfigureAwait(false);
        return fault is null ? (ErrorCode.None, null) : (ErrorCode.InvalidRequest, fault);
    }

    private (IReadOnlyDictionary<string, string>? Configs, string? Fault) ChangeBroker(
        IEnumerable<KeyValuePair<string, string>> present, ConfigOperation[] operations)
    {
        var (changed, fault) = ConfigChange.Apply(
            present,
            operations,
            static name => BrokerConfigs.TryGet(name, out var definition) ? definition : null,
            definition => configs.Get(definition.Name));
        foreach (var (name, value) in changed ?? new Dictionary<string, string>())
            fault ??= BrokerConfigs.CheckDynamic(name, value);
        return fault is null ? (changed, null) : (null, fault);
    }
}
