using System.Globalization;

namespace Caudal.Client.Connections;

/// <summary>Where a broker listens.</summary>
/// <param name="Id">The broker's id; negative for an entry of the bootstrap list, whose id is not known yet.</param>
/// <param name="Host">A name or address.</param>
/// <param name="Port">The port.</param>
/// <param name="Rack">The rack that the broker stands in, or null.</param>
internal sealed record BrokerAddress(int Id, string Host, int Port, string? Rack = null)
{
    public bool IsSamePlace(BrokerAddress other) =>
        Port == other.Port && string.Equals(Host, other.Host, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a bootstrap list; the entries get the ids −1, −2, ….</summary>
    public static bool TryParseList(string? list, out BrokerAddress[] addresses, out string fault)
    {
        addresses = [];
        var result = new List<BrokerAddress>();
        foreach (var entry in (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryParse(entry, -1 - result.Count, out var address, out fault))
                return false;
            result.Add(address!);
        }

        addresses = [.. result];
        fault = result.Count == 0 ? "it names no server" : "";
        return result.Count > 0;
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    // Accepts a listener's protocol in front ("PLAINTEXT://host:port"), as people copy it from a broker's configuration, and brackets
    // around IPv6 addresses.
    private static bool TryParse(string entry, int id, out BrokerAddress? address, out string fault)
    {
        address = null;
        var scheme = entry.IndexOf("://", StringComparison.Ordinal);
        var text = scheme >= 0 ? entry[(scheme + 3)..] : entry;
        var colon = text.LastIndexOf(':');
        if (colon <= 0)
        {
            fault = $"'{entry}' has no port";
            return false;
        }

        var host = text[..colon].Trim('[', ']');
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            fault = $"'{text[(colon + 1)..]}' in '{entry}' is not a port (1 to 65535)";
            return false;
        }

        address = new BrokerAddress(id, host, port);
        fault = host.Length == 0 ? $"'{entry}' has no host" : "";
        return host.Length > 0;
    }
}
