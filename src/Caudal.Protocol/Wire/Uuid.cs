using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Caudal.Protocol;

/// <summary>
/// Kafka's 128-bit identifier (topics, directories, members): big-endian on the wire, 22 characters of URL-safe base64 as text.
/// </summary>
/// <param name="MostSignificant">The first eight bytes on the wire.</param>
/// <param name="LeastSignificant">The last eight bytes on the wire.</param>
public readonly record struct Uuid(long MostSignificant, long LeastSignificant) : ISpanParsable<Uuid>
{
    /// <summary>All zeros: Kafka's "no id".</summary>
    public static Uuid Zero => default;

    /// <summary>
    /// Makes a random (version 4) identifier, never <see cref="Zero"/> and never one whose text starts with a dash, as Kafka does.
    /// </summary>
    public static Uuid NewRandom()
    {
        Span<byte> bytes = stackalloc byte[16];
        Uuid result;
        do
        {
            RandomNumberGenerator.Fill(bytes);
            bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
            bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
            result = Read(bytes);
        }
        while (result.ToString()[0] == '-');
        return result;
    }

    /// <summary>Reads 16 bytes in wire order.</summary>
    public static Uuid Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadInt64BigEndian(source), BinaryPrimitives.ReadInt64BigEndian(source[8..]));

    /// <summary>Writes 16 bytes in wire order.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, MostSignificant);
        BinaryPrimitives.WriteInt64BigEndian(destination[8..], LeastSignificant);
    }

    /// <summary>Kafka's text form: URL-safe base64 without padding.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        Write(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <inheritdoc/>
    public static Uuid Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var result)
            ? result
            : throw new FormatException($"'{s}' is not a Kafka id: 22 characters of URL-safe base64 are expected.");

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Uuid result)
    {
        result = default;
        Span<byte> bytes = stackalloc byte[16];
        if (s.Length != 22 || Base64Url.DecodeFromChars(s, bytes, out _, out var written) != OperationStatus.Done || written != 16)
            return false;
        result = Read(bytes);
        return true;
    }

    /// <inheritdoc/>
    public static Uuid Parse(string s, IFormatProvider? provider = null) => Parse(s.AsSpan(), provider);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Uuid result) =>
        TryParse(s.AsSpan(), provider, out result);
}
