namespace Caudal.Protocol.Generator;

/// <summary>An inclusive range of versions: <c>3</c>, <c>3-7</c>, <c>3+</c>.</summary>
public readonly record struct VersionRange(short Min, short Max)
{
    /// <summary>The end of an open range.</summary>
    public const short Open = short.MaxValue;

    /// <summary>Every version.</summary>
    public static VersionRange All => new(0, Open);

    /// <summary>No version at all.</summary>
    public static VersionRange None => new(Open, -1);

    /// <summary>Whether no version lies in it.</summary>
    public bool IsEmpty => Max < Min;

    /// <summary>Whether the version lies in it.</summary>
    public bool Contains(int version) => version >= Min && version <= Max;

    /// <summary>Whether all versions of the other lie in it.</summary>
    public bool Covers(VersionRange other) => other.IsEmpty || (Min <= other.Min && Max >= other.Max);

    /// <summary>The versions that lie in both.</summary>
    public VersionRange Intersect(VersionRange other) => new(Min > other.Min ? Min : other.Min, Max < other.Max ? Max : other.Max);

    /// <summary>Reads <c>3</c>, <c>3-7</c> or <c>3+</c>.</summary>
    public static bool TryParse(string text, out VersionRange range)
    {
        range = default;
        if (text.EndsWith("+", System.StringComparison.Ordinal))
        {
            if (!short.TryParse(text.Substring(0, text.Length - 1), out var from) || from < 0)
                return false;
            range = new VersionRange(from, Open);
            return true;
        }

        var dash = text.IndexOf('-');
        var first = dash < 0 ? text : text.Substring(0, dash);
        var last = dash < 0 ? text : text.Substring(dash + 1);
        if (!short.TryParse(first, out var min) || !short.TryParse(last, out var max) || min < 0 || max < min)
            return false;
        range = new VersionRange(min, max);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        IsEmpty ? "none" : Max == Open ? $"{Min}+" : Min == Max ? $"{Min}" : $"{Min}-{Max}";
}
