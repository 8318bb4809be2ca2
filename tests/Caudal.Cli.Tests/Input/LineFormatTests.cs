using System.Text;
using Caudal.Cli.Input;

namespace Caudal.Cli.Tests.Input;

public class LineFormatTests
{
    [Fact]
    public void A_line_is_a_value_by_default()
    {
        var record = Parse("k\tv");

        Assert.Null(record.Key);
        Assert.Equal("k\tv", record.Value);
        Assert.Empty(record.Headers);
    }

    [Fact]
    public void A_key_ends_at_the_first_separator()
    {
        var record = Parse("k=v=w", ("parse.key", "true"), ("key.separator", "="));

        Assert.Equal("k", record.Key);
        Assert.Equal("v=w", record.Value);
    }

    [Fact]
    public void Headers_come_before_the_key()
    {
        var record = Parse("h1:v1,h2:v2\tk1\tval", ("parse.key", "true"), ("parse.headers", "true"));

        Assert.Equal(["h1=v1", "h2=v2"], record.Headers);
        Assert.Equal("k1", record.Key);
        Assert.Equal("val", record.Value);
    }

    [Fact]
    public void Whatever_equals_the_null_marker_is_null()
    {
        (string, string)[] properties = [("parse.key", "true"), ("parse.headers", "true"), ("null.marker", "NULL")];

        Assert.Equal(new Parsed(null, "v", []), Parse("NULL\tNULL\tv", properties), Parsed.Comparer);
        Assert.Equal(new Parsed("k", null, ["h=<null>"]), Parse("h:NULL\tk\tNULL", properties), Parsed.Comparer);
    }

    [Fact]
    public void Separators_may_be_longer_than_a_character()
    {
        var record = Parse(
            "a->1;;b->2||k::v", ("parse.key", "true"), ("parse.headers", "true"), ("headers.delimiter", "||"), ("headers.separator", ";;"),
            ("headers.key.separator", "->"), ("key.separator", "::"));

        Assert.Equal(new Parsed("k", "v", ["a=1", "b=2"]), record, Parsed.Comparer);
    }

    [Theory]
    [InlineData("nokey", "parse.key", "no key separator found on line number 7: 'nokey'")]
    [InlineData("nohead", "parse.headers", "no headers delimiter found on line number 7: 'nohead'")]
    [InlineData("h\tv", "parse.headers", "no header key separator found in pair 'h' on line number 7")]
    public void A_missing_separator_is_an_error_that_names_the_line(string line, string property, string message)
    {
        var error = Assert.Throws<CommandException>(() => Parse(line, (property, "true")));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void A_missing_separator_can_be_ignored()
    {
        var record = Parse("nokey", ("parse.key", "true"), ("ignore.error", "true"));

        Assert.Equal(new Parsed(null, "nokey", []), record, Parsed.Comparer);
    }

    [Fact]
    public void A_property_that_is_not_known_is_refused_by_name()
    {
        var error = Assert.Throws<CommandException>(() => new LineFormat().Set("parse.keys", "true"));

        Assert.Contains("'parse.keys'", error.Message);
        Assert.Equal(CaudalCommand.WrongUse, error.ExitCode);
    }

    private static Parsed Parse(string line, params (string Name, string Value)[] properties)
    {
        var format = new LineFormat();
        foreach (var (name, value) in properties)
            format.Set(name, value);
        var record = format.Parse(Encoding.UTF8.GetBytes(line), 7);
        return new Parsed(
            Text(record.Key), Text(record.Value), [.. (record.Headers ?? []).Select(h => $"{h.Key}={Text(h.Value) ?? "<null>"}")]);
    }

    private static string? Text(ReadOnlyMemory<byte>? bytes) => bytes is { } some ? Encoding.UTF8.GetString(some.Span) : null;

    private sealed record Parsed(string? Key, string? Value, string[] Headers)
    {
        public static IEqualityComparer<Parsed> Comparer { get; } = EqualityComparer<Parsed>.Create(
            (a, b) => a!.Key == b!.Key && a.Value == b.Value && a.Headers.SequenceEqual(b.Headers), p => p.Key?.GetHashCode() ?? 0);
    }
}
