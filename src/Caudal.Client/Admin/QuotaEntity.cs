namespace Caudal.Client;

/// <summary>Whom quotas are for: a user, a client id, an address, or a combination of them.</summary>
/// <remarks>Of each part null means that it does not matter, and <see cref="Default"/> whoever has no quotas of his own.</remarks>
/// <param name="User">The user.</param>
/// <param name="ClientId">The client id.</param>
/// <param name="Ip">The address.</param>
public sealed record QuotaEntity(string? User = null, string? ClientId = null, string? Ip = null)
{
    /// <summary>Stands for whoever has no quotas of his own.</summary>
    public const string Default = "";

    internal IEnumerable<(string Type, string? Name)> Parts()
    {
        if (User is not null)
            yield return ("user", User.Length == 0 ? null : User);
        if (ClientId is not null)
            yield return ("client-id", ClientId.Length == 0 ? null : ClientId);
        if (Ip is not null)
            yield return ("ip", Ip.Length == 0 ? null : Ip);
    }

    internal static QuotaEntity From(IEnumerable<(string Type, string? Name)> parts)
    {
        var entity = new QuotaEntity();
        foreach (var (type, name) in parts)
        {
            entity = type switch
            {
                "user" => entity with { User = name ?? Default },
                "client-id" => entity with { ClientId = name ?? Default },
                "ip" => entity with { Ip = name ?? Default },
                _ => entity,
            };
        }

        return entity;
    }
}
