namespace Caudal.Broker.Admin;

/// <summary>
/// What a quota is for: a user, a client id, both, or an address; each by its name, or the default of its kind (a null name).
/// </summary>
internal sealed class QuotaEntity : IEquatable<QuotaEntity>
{
    /// <summary>The kind of a user.</summary>
    public const string User = "user";

    /// <summary>The kind of a client id.</summary>
    public const string ClientId = "client-id";

    /// <summary>The kind of an address.</summary>
    public const string Ip = "ip";

    /// <summary>Makes an entity of its parts, in any order; a kind that appears twice has its last name.</summary>
    public QuotaEntity(IEnumerable<(string Type, string? Name)> parts)
    {
        var sorted = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (type, name) in parts)
            sorted[type] = name;
        Parts = [.. sorted.Select(static part => (part.Key, part.Value))];
    }

    /// <summary>The parts, by the order of their kinds.</summary>
    public (string Type, string? Name)[] Parts { get; }

    /// <summary>Whether the entity has a part of a kind.</summary>
    public bool Has(string type) => Array.Exists(Parts, part => part.Type == type);

    /// <summary>Whether the entity has exactly this part.</summary>
    public bool Has(string type, string? name) => Array.Exists(Parts, part => part.Type == type && part.Name == name);

    /// <inheritdoc/>
    public bool Equals(QuotaEntity? other) => other is not null && Parts.AsSpan().SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as QuotaEntity);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var part in Parts)
            hash.Add(part);
        return hash.ToHashCode();
    }
}
