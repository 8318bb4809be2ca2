using System.Text;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Input;

/// <summary>How a line holds a record: what Kafka's <c>LineMessageReader</c> understands, by the same properties.</summary>
/// <remarks>With everything on, <c>h1:v1,h2:v2⇥key⇥value</c>.</remarks>
internal sealed class LineFormat
{
    private byte[] _keySeparator = "\t"u8.ToArray();
    private byte[] _headersDelimiter = "\t"u8.ToArray();
    private byte[] _headersSeparator = ","u8.ToArray();
    private byte[] _headerKeySeparator = ":"u8.ToArray();
    private byte[]? _nullMarker;
    private bool _parseKey;
    private bool _parseHeaders;
    private bool _ignoreError;

    /// <summary>Sets one of the reader's properties.</summary>
    /// <exception cref="CommandException">There is no such property, or the value is not one.</exception>
    public void Set(string name, string value)
    {
        switch (name)
        {
            case "parse.key": _parseKey = Truth(value); break;
            case "parse.headers": _parseHeaders = Truth(value); break;
            case "ignore.error": _ignoreError = Truth(value); break;
            case "key.separator": _keySeparator = Separator(name, value); break;
            case "headers.delimiter": _headersDelimiter = Separator(name, value); break;
            case "headers.separator": _headersSeparator = Separator(name, value); break;
            case "headers.key.separator": _headerKeySeparator = Separator(name, value); break;
            case "null.marker": _nullMarker = Encoding.UTF8.GetBytes(value); break;
            default:
                throw new CommandException(
                    $"the reader property '{name}' is not supported. Known are parse.key, parse.headers, ignore.error, key.separator, " +
                    "headers.delimiter, headers.separator, " +
                    "headers.key.separator and null.marker.",
                    CaudalCommand.WrongUse);
        }
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="number">Its number, for errors.</param>
    /// <exception cref="CommandException">A separator is missing, and errors are not ignored.</exception>
    public InputRecord Parse(ReadOnlyMemory<byte> line, long number)
    {
        var rest = line;
        RecordHeader[]? headers = null;
        if (_parseHeaders)
        {
            if (Cut(ref rest, _headersDelimiter, "headers delimiter", line, number) is { } pairs)
                headers = ParseHeaders(pairs, number);
        }

        var key = _parseKey ? Cut(ref rest, _keySeparator, "key separator", line, number) : null;
        return new InputRecord(key is { } text ? NullIfMarked(text) : default, NullIfMarked(rest), headers);
    }

    private static bool Truth(string value) => value.Trim().Equals("true", StringComparison.OrdinalIgnoreCase);

    private static byte[] Separator(string name, string value) => value.Length > 0
        ? Encoding.UTF8.GetBytes(value)
        : throw new CommandException($"the reader property '{name}' may not be empty.", CaudalCommand.WrongUse);

    // Not simply null: that would become an empty array, and so an empty value.
    private ReadOnlyMemory<byte>? NullIfMarked(ReadOnlyMemory<byte> text) => IsMarked(text.Span) ? default(ReadOnlyMemory<byte>?) : text;

    private bool IsMarked(ReadOnlySpan<byte> text) => _nullMarker is not null && text.SequenceEqual(_nullMarker);

    /// <summary>Takes what stands before a separator; null if there is none and that does not matter.</summary>
    private ReadOnlyMemory<byte>? Cut(ref ReadOnlyMemory<byte> rest, byte[] separator, string name, ReadOnlyMemory<byte> line, long number)
    {
        var at = rest.Span.IndexOf(separator);
        if (at >= 0)
        {
            var taken = rest[..at];
            rest = rest[(at + separator.Length)..];
            return taken;
        }

        return _ignoreError ? null : throw Missing(name, line, number);
    }

    private RecordHeader[]? ParseHeaders(ReadOnlyMemory<byte> text, long number)
    {
        if (IsMarked(text.Span))
            return null;
        var headers = new List<RecordHeader>();
        for (var rest = text; ;)
        {
            var end = rest.Span.IndexOf(_headersSeparator);
            headers.Add(ParseHeader(end < 0 ? rest : rest[..end], number));
            if (end < 0)
                return [.. headers];
            rest = rest[(end + _headersSeparator.Length)..];
        }
    }

    private RecordHeader ParseHeader(ReadOnlyMemory<byte> text, long number)
    {
        var at = text.Span.IndexOf(_headerKeySeparator);
        if (at >= 0)
            return new RecordHeader(Encoding.UTF8.GetString(text.Span[..at]), NullIfMarked(text[(at + _headerKeySeparator.Length)..]));
        var name = Encoding.UTF8.GetString(text.Span);
        return _ignoreError
            ? new RecordHeader(name, default(ReadOnlyMemory<byte>?))
            : throw new CommandException($"no header key separator found in pair '{name}' on line number {number}");
    }

    private static CommandException Missing(string name, ReadOnlyMemory<byte> line, long number) =>
        new($"no {name} found on line number {number}: '{Encoding.UTF8.GetString(line.Span)}'");
}
