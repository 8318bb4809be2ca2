using System.Runtime.Intrinsics.X86;
using ArmCrc32 = System.Runtime.Intrinsics.Arm.Crc32;

namespace Caudal.Protocol.Checksums;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of record batches.</summary>
/// <remarks>
/// Uses what the processor has: carry-less multiplication of wide vectors, the CRC instruction in three streams side by side, or tables.
/// Pure functions, safe from any thread, nothing is allocated.
/// </remarks>
public static class Crc32C
{
    /// <summary>Computes the checksum of bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Goes on with a checksum: <c>Append(Compute(a), b)</c> is the checksum of a followed by b.</summary>
    /// <param name="crc">The checksum of what came before; 0 for nothing.</param>
    /// <param name="bytes">What follows.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (Crc32CFolding.IsSupported && bytes.Length >= Crc32CFolding.MinimumLength)
            return ~Crc32CFolding.Update(~crc, bytes);
        if (Sse42.X64.IsSupported || ArmCrc32.Arm64.IsSupported)
            return ~Crc32CStreams.Update(~crc, bytes);
        return ~Software.Table.Update(~crc, bytes);
    }

    /// <summary>Joins the checksums of two parts without reading them again.</summary>
    /// <param name="crcA">The checksum of the first part.</param>
    /// <param name="crcB">The checksum of the second part.</param>
    /// <param name="lengthB">The length of the second part in bytes.</param>
    /// <returns>The checksum of the first part followed by the second.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lengthB"/> is negative.</exception>
    public static uint Combine(uint crcA, uint crcB, long lengthB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthB);
        return Crc32CPolynomial.Shift(crcA, lengthB) ^ crcB;
    }

    /// <summary>Tables for machines without the instruction; built only there.</summary>
    internal static class Software
    {
        internal static readonly CrcTable Table = new(Crc32CPolynomial.Value);
    }
}
