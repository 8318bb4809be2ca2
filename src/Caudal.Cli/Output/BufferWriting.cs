using System.Buffers;
using System.Globalization;
using System.Text;

namespace Caudal.Cli.Output;

/// <summary>Text and numbers into buffers of bytes.</summary>
internal static class BufferWriting
{
    /// <summary>Writes text as UTF-8.</summary>
    public static void WriteText(this IBufferWriter<byte> output, ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, output);

    /// <summary>Writes a whole number in decimal.</summary>
    public static void WriteNumber(this IBufferWriter<byte> output, long number)
    {
        const int LongestNumber = 20;
        var span = output.GetSpan(LongestNumber);
        number.TryFormat(span, out var written, provider: CultureInfo.InvariantCulture);
        output.Advance(written);
    }
}
