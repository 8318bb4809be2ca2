using System.Net;
using System.Net.Sockets;

namespace Caudal.Broker.Admin;

/// <summary>Which quotas there are for what, and which values they take. The words are Kafka's: its tools print them.</summary>
internal static class QuotaRules
{
    private static readonly Dictionary<string, Kind> ForClients = new(StringComparer.Ordinal)
    {
        ["producer_byte_rate"] = Kind.Long,
        ["consumer_byte_rate"] = Kind.Long,
        ["request_percentage"] = Kind.Double,
        ["controller_mutation_rate"] = Kind.Double,
    };

    private static readonly Dictionary<string, Kind> ForAddresses = new(StringComparer.Ordinal)
    {
        ["connection_creation_rate"] = Kind.Int,
    };

    private enum Kind
    {
        Int,
        Long,
        Double,
    }

    /// <summary>Says what is wrong with an entity; null if nothing is. A host name is looked up.</summary>
    public static async ValueTask<string?> FaultAsync(QuotaEntity entity, CancellationToken cancellationToken)
    {
        if (entity.Parts.Length == 0)
            return "Invalid empty client quota entity";
        foreach (var (type, name) in entity.Parts)
        {
            if (type is not (QuotaEntity.User or QuotaEntity.ClientId or QuotaEntity.Ip))
                return $"Unhandled client quota entity type: {type}";
            if (name is "")
                return $"Empty {type} not supported";
        }

        if (!entity.Has(QuotaEntity.Ip))
            return null;
        if (entity.Parts.Length > 1)
            return "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId";
        return entity.Parts[0].Name is { } address && !await IsAddressAsync(address, cancellationToken).ConfigureAwait(false)
            ? $"{address} is not a valid IP or resolvable host."
            : null;
    }

    /// <summary>Says what is wrong with a new value of an entity that is right itself; null if nothing is.</summary>
    public static string? Fault(QuotaEntity entity, string key, double value)
    {
        if (!(entity.Has(QuotaEntity.Ip) ? ForAddresses : ForClients).TryGetValue(key, out var kind))
            return $"Invalid configuration key {key}";
        if (!(value > 0))
            return $"Quota {key} must be greater than 0";
        if (kind == Kind.Double)
            return null;
        var max = kind == Kind.Int ? int.MaxValue : (double)long.MaxValue;
        if (value > max)
            return $"Proposed value for {key} is too large for {(kind == Kind.Int ? "an INT" : "a LONG")}.";
        // As near to a whole number as a sum of decimal fractions comes.
        return Math.Abs(value - Math.Round(value)) > 1e-6 ? $"{key} cannot be a fractional value." : null;
    }

    private static async ValueTask<bool> IsAddressAsync(string address, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(address, out _))
            return true;
        if (Uri.CheckHostName(address) != UriHostNameType.Dns)
            return false;
        try
        {
            return (await Dns.GetHostAddressesAsync(address, cancellationToken).ConfigureAwait(false)).Length > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
