namespace Caudal.Broker.Configuration;

/// <summary>Makes new settings of the present ones, or says what is wrong.</summary>
internal delegate (IReadOnlyDictionary<string, string>? Configs, string? Fault) ConfigAlteration(
    IReadOnlyDictionary<string, string> present);

/// <summary>Computes what a map of settings becomes by the operations on one resource.</summary>
internal static class ConfigChange
{
    /// <summary>Applies the operations in their order.</summary>
    /// <param name="present">The settings now; not changed.</param>
    /// <param name="operations">What to do.</param>
    /// <param name="find">Finds a setting by name; null if there is none.</param>
    /// <param name="effective">The value that counts for a setting which <paramref name="present"/> does not hold; lists grow from
    /// there.</param>
    /// <returns>The new settings, or what is wrong.</returns>
    public static (IReadOnlyDictionary<string, string>? Configs, string? Fault) Apply(
        IEnumerable<KeyValuePair<string, string>> present,
        ConfigOperation[] operations,
        Func<string, ConfigDefinition?> find,
        Func<ConfigDefinition, string?> effective)
    {
        var result = new Dictionary<string, string>(present, StringComparer.Ordinal);
        foreach (var operation in operations)
        {
            var definition = find(operation.Name);
            if (operation.Kind == ConfigOperation.Delete)
            {
                result.Remove(operation.Name);
                continue;
            }

            if (operation.Value is not { } value)
                return (null, $"Null value not supported for : {operation.Name}");
            switch (operation.Kind)
            {
                case ConfigOperation.Set:
                    result[operation.Name] = value;
                    break;
                case ConfigOperation.Append or ConfigOperation.Subtract when definition is not null && definition.Type != ConfigType.List:
                    var verb = operation.Kind == ConfigOperation.Append ? "APPEND" : "SUBTRACT";
                    return (null, $"Can't {verb} to key {operation.Name} because its type is not LIST.");
                case ConfigOperation.Append or ConfigOperation.Subtract when definition is not null:
                    var old = ConfigDefinition.SplitList(result.GetValueOrDefault(operation.Name) ?? effective(definition) ?? "");
                    var words = ConfigDefinition.SplitList(value);
                    var changed = operation.Kind == ConfigOperation.Append ? old.Union(words) : old.Except(words);
                    result[operation.Name] = string.Join(',', changed);
                    break;
                case ConfigOperation.Append or ConfigOperation.Subtract:
                    result[operation.Name] = value;
                    break;
                default:
                    return (null, $"The operation {operation.Kind} on {operation.Name} is not known.");
            }
        }

        return (result, null);
    }
}
