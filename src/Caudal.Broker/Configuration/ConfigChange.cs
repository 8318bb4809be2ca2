using Caudal.Protocol.Messages;

namespace Caudal.Broker.Configuration;

/// <summary>Makes new settings of the present ones, or says what is wrong.</summary>
internal delegate (IReadOnlyDictionary<string, string>? Configs, string? Fault) ConfigAlteration(
    IReadOnlyDictionary<string, string> present);

/// <summary>Computes what a map of settings becomes by the operations of one IncrementalAlterConfigs resource.</summary>
internal static class ConfigChange
{
    private const sbyte Set = 0;
    private const sbyte Delete = 1;
    private const sbyte Append = 2;
    private const sbyte Subtract = 3;

    /// <summary>Applies the operations in their order.</summary>
    /// <param name="present">The settings now; not changed.</param>
    /// <param name="operations">What to do.</param>
    /// <param name="find">Finds a setting by name; null if there is none.</param>
    /// <param name="effective">The value that counts for a setting which <paramref name="present"/> does not hold; lists grow from
    /// there.</param>
    /// <returns>The new settings, or what is wrong.</returns>
    public static (IReadOnlyDictionary<string, string>? Configs, string? Fault) Apply(
        IReadOnlyDictionary<string, string> present,
        IncrementalAlterConfigsRequest.AlterableConfig[] operations,
        Func<string, ConfigDefinition?> find,
        Func<ConfigDefinition, string?> effective)
    {
        var result = new Dictionary<string, string>(present, StringComparer.Ordinal);
        foreach (var operation in operations)
        {
            var definition = find(operation.Name);
            if (operation.ConfigOperation == Delete)
            {
                result.Remove(operation.Name);
                continue;
            }

            if (operation.Value is not { } value)
                return (null, $"Null value not supported for : {operation.Name}");
            switch (operation.ConfigOperation)
            {
                case Set:
                    result[operation.Name] = value;
                    break;
                case Append or Subtract when definition is not null && definition.Type != ConfigType.List:
                    var verb = operation.ConfigOperation == Append ? "APPEND" : "SUBTRACT";
                    return (null, $"Can't {verb} to key {operation.Name} because its type is not LIST.");
                case Append or Subtract when definition is not null:
                    var old = ConfigDefinition.SplitList(result.GetValueOrDefault(operation.Name) ?? effective(definition) ?? "");
                    var words = ConfigDefinition.SplitList(value);
                    result[operation.Name] = string.Join(',', operation.ConfigOperation == Append ? old.Union(words) : old.Except(words));
                    break;
                case Append or Subtract:
                    result[operation.Name] = value;
                    break;
                default:
                    return (null, $"The operation {operation.ConfigOperation} on {operation.Name} is not known.");
            }
        }

        return (result, null);
    }
}
