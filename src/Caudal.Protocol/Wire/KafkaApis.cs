namespace Caudal.Protocol;

/// <summary>One API and the range of its versions.</summary>
/// <param name="Key">The API.</param>
/// <param name="Min">The lowest version.</param>
/// <param name="Max">The highest version.</param>
/// <param name="FirstFlexible">The first version with compact lengths and tagged fields, or <see cref="short.MaxValue"/>.</param>
public readonly record struct ApiVersionRange(ApiKey Key, short Min, short Max, short FirstFlexible);

public static partial class KafkaApis
{
    /// <summary>Every API that is known here, in the order of keys.</summary>
    public static ReadOnlySpan<ApiVersionRange> All => Table;

    /// <summary>Finds an API; false when it is not known here.</summary>
    public static bool TryGet(ApiKey key, out ApiVersionRange range)
    {
        foreach (var candidate in Table)
        {
            if (candidate.Key == key)
            {
                range = candidate;
                return true;
            }
        }

        range = default;
        return false;
    }

    /// <summary>The version of the header in front of a request: 2 in flexible versions, else 1.</summary>
    public static short RequestHeaderVersion(ApiKey key, short version) => IsFlexible(key, version) ? (short)2 : (short)1;

    /// <summary>
    /// The version of the header in front of a response: 1 in flexible versions, else 0; always 0 for ApiVersions (KIP-511).
    /// </summary>
    public static short ResponseHeaderVersion(ApiKey key, short version) =>
        key != ApiKey.ApiVersions && IsFlexible(key, version) ? (short)1 : (short)0;

    private static bool IsFlexible(ApiKey key, short version) => TryGet(key, out var range) && version >= range.FirstFlexible;
}
