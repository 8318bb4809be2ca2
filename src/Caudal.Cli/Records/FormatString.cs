using System.Buffers;
using System.Globalization;
using Caudal.Cli.Output;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Records;

/// <summary>A format as kcat has it: <c>%k</c> key, <c>%v</c> or <c>%s</c> value, <c>%h</c> headers, <c>%t</c> topic, and so on.</summary>
internal sealed class FormatString : IRecordFormatter
{
    /// <summary>What formats may hold, for help and errors.</summary>
    public const string Syntax =
        @"%k key, %v value, %h headers, %t topic, %p partition, %o offset, %T timestamp in ms, %K and %S sizes of key and value, %% " +
        @"percent, \n \t \r \0 \\ \xHH";

    private const char Literal = '\0';

    private readonly List<Part> _parts;

    private FormatString(List<Part> parts) => _parts = parts;

    /// <summary>The value and a line feed.</summary>
    public static FormatString Value { get; } = Parse(@"%v\n");

    /// <summary>Reads a format.</summary>
    /// <exception cref="CommandException">It holds something unknown.</exception>
    public static FormatString Parse(string format)
    {
        var parts = new List<Part>();
        var literal = new ArrayBufferWriter<byte>();
        for (var i = 0; i < format.Length; i++)
        {
            switch (format[i])
            {
                case '%':
                    var field = i + 1 < format.Length ? format[++i] : Literal;
                    if (field == '%')
                        literal.WriteText("%");
                    else if ("kvshtpoTKS".Contains(field))
                        parts.AddRange(TakeLiteral(literal), new Part(field, []));
                    else
                        throw Unknown(format, field == Literal ? "%" : $"%{field}");
                    break;
                case '\\':
                    i += Unescape(format, i, literal);
                    break;
                default:
                    var length = char.IsHighSurrogate(format[i]) && i + 1 < format.Length ? 2 : 1;
                    literal.WriteText(format.AsSpan(i, length));
                    i += length - 1;
                    break;
            }
        }

        parts.Add(TakeLiteral(literal));
        return new FormatString(parts);
    }

    /// <inheritdoc/>
    public void Write(in RecordSource source, in RecordView record, IBufferWriter<byte> output)
    {
        foreach (var part in _parts)
        {
            switch (part.Field)
            {
                case Literal: output.Write(part.Text); break;
                case 'k': output.Write(record.Key); break;
                case 'v' or 's': output.Write(record.Value); break;
                case 'h': WriteHeaders(record, output); break;
                case 't': output.WriteText(source.Topic); break;
                case 'p': output.WriteNumber(source.Partition); break;
                case 'o': output.WriteNumber(record.Offset); break;
                case 'T': output.WriteNumber(record.Timestamp); break;
                case 'K': output.WriteNumber(record.IsKeyNull ? -1 : record.KeyLength); break;
                default: output.WriteNumber(record.IsValueNull ? -1 : record.ValueLength); break;
            }
        }
    }

    private static void WriteHeaders(in RecordView record, IBufferWriter<byte> output)
    {
        var isFirst = true;
        foreach (var header in record.Headers)
        {
            if (!isFirst)
                output.Write(","u8);
            isFirst = false;
            output.Write(header.Key);
            output.Write("="u8);
            output.Write(header.IsValueNull ? "NULL"u8 : header.Value);
        }
    }

    private static Part TakeLiteral(ArrayBufferWriter<byte> literal)
    {
        var part = new Part(Literal, literal.WrittenSpan.ToArray());
        literal.ResetWrittenCount();
        return part;
    }

    /// <summary>Reads one escape sequence.</summary>
    /// <returns>How many characters follow the backslash.</returns>
    private static int Unescape(string format, int at, ArrayBufferWriter<byte> literal)
    {
        var escaped = at + 1 < format.Length ? format[at + 1] : ' ';
        if (escaped == 'x')
        {
            if (at + 3 >= format.Length
                    || !byte.TryParse(
                        format.AsSpan(at + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                throw Unknown(format, @"\x without two hexadecimal digits");
            literal.Write([value]);
            return 3;
        }

        literal.Write([escaped switch
        {
            'n' => (byte)'\n',
            't' => (byte)'\t',
            'r' => (byte)'\r',
            '0' => (byte)0,
            '\\' => (byte)'\\',
            _ => throw Unknown(format, escaped == ' ' ? "\\" : $"\\{escaped}"),
        }]);
        return 1;
    }

    private static CommandException Unknown(string format, string what) =>
        new($"the format '{format}' holds {what}, which means nothing. Use {Syntax}.", CaudalCommand.WrongUse);

    private readonly record struct Part(char Field, byte[] Text);
}
