using System.Globalization;

namespace Caudal.Client.Configuration;

/// <summary>Reads the values of properties. Null means that a value cannot be read.</summary>
internal static class PropertyValues
{
    public const string Milliseconds = "a number of milliseconds";
    public const string Bytes = "a number of bytes";
    public const string Number = "a whole number";
    public const string Boolean = "true or false";

    public static TOptions? Time<TOptions>(string text, Func<TimeSpan, TOptions> apply)
        where TOptions : class =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= int.MaxValue
            ? apply(TimeSpan.FromMilliseconds(value))
            : null;

    public static TOptions? Int<TOptions>(string text, Func<int, TOptions> apply)
        where TOptions : class =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? apply(value) : null;

    public static TOptions? Long<TOptions>(string text, Func<long, TOptions> apply)
        where TOptions : class =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? apply(value) : null;

    public static TOptions? Bool<TOptions>(string text, Func<bool, TOptions> apply)
        where TOptions : class =>
        bool.TryParse(text, out var value) ? apply(value) : null;

    /// <summary>One of several names; case does not matter.</summary>
    public static TOptions? OneOf<TOptions, TValue>(
        string text,
        Func<TValue, TOptions> apply,
        params ReadOnlySpan<(string Name, TValue Value)> choices)
        where TOptions : class
    {
        foreach (var (name, value) in choices)
        {
            if (string.Equals(name, text, StringComparison.OrdinalIgnoreCase))
                return apply(value);
        }

        return null;
    }
}
