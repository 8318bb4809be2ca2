using System.Globalization;

namespace Caudal.Broker.Network;

/// <summary>The address that clients are told to connect to.</summary>
internal static class AdvertisedListener
{
    private const string Scheme = "PLAINTEXT://";

    /// <summary>Reads <c>PLAINTEXT://HOST:PORT</c>; null if the text is something else.</summary>
    public static ConnectionEndpoint? Parse(string text)
    {
        text = text.Trim();
        var colon = text.LastIndexOf(':');
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || colon <= Scheme.Length)
            return null;
        var host = text[Scheme.Length..colon].Trim('[', ']');
        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= 65535 && !host.Contains(',')
            ? new ConnectionEndpoint(host, port)
            : null;
    }

    /// <summary>The address to tell for one listened on: the same, but for "all addresses", which is none to connect to.</summary>
    public static string HostFor(string listened) => listened is "0.0.0.0" or "::" or "[::]" or "*" ? "127.0.0.1" : listened;
}
