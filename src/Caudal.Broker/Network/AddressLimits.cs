using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Caudal.Transport;

namespace Caudal.Broker.Network;

/// <summary>How many connections an address may have open: <c>max.connections.per.ip</c>, and what is said of single ones.</summary>
internal sealed class AddressLimits
{
    /// <summary>The setting that names single addresses or hosts, as <c>HOST:COUNT,HOST:COUNT</c>.</summary>
    public const string Setting = "max.connections.per.ip.overrides";

    private readonly int _each;
    private readonly Dictionary<IPAddress, int> _overrides = [];

    private AddressLimits(int each) => _each = each;

    /// <summary>Reads the overrides; names are looked up once.</summary>
    /// <param name="each">What addresses may have that are not named.</param>
    /// <param name="overrides">The setting's words, each checked by <see cref="Check"/>.</param>
    /// <exception cref="ConnectionException">A name is not known.</exception>
    public static AddressLimits Create(int each, IEnumerable<string> overrides)
    {
        var limits = new AddressLimits(each);
        foreach (var word in overrides)
        {
            var (host, count) = Split(word) ?? throw new ArgumentException($"'{word}' is no HOST:COUNT.", nameof(overrides));
            foreach (var address in Find(host))
                limits._overrides[Plain(address)] = count;
        }

        return limits;
    }

    /// <summary>Says what is wrong with one word of the setting; null if nothing is.</summary>
    public static string? Check(string word) =>
        Split(word) is null ? "Write HOST:COUNT, the host a name or an address and the count a number of connections from 0 on." : null;

    /// <summary>What a client may have.</summary>
    /// <param name="clientHost">Its address behind a slash, as <see cref="BrokerConnection.ClientHost"/> has it.</param>
    public int For(string clientHost) =>
        _overrides.Count > 0 && IPAddress.TryParse(clientHost.AsSpan(1), out var address)
            ? _overrides.GetValueOrDefault(Plain(address), _each)
            : _each;

    private static (string Host, int Count)? Split(string word)
    {
        var colon = word.LastIndexOf(':');
        if (colon <= 0
            || !int.TryParse(word.AsSpan(colon + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return null;
        var host = word[..colon].Trim().Trim('[', ']');
        return host.Length == 0 ? null : (host, count);
    }

    private static IPAddress[] Find(string host)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];
        try
        {
            return Dns.GetHostAddresses(host);
        }
        catch (SocketException e)
        {
            throw new ConnectionException(
                $"{Setting} names the host {host}, which cannot be found: {e.Message}. Correct the name, or give its address.", e);
        }
    }

    // A listener for both kinds of addresses sees those of version 4 in version 6.
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
