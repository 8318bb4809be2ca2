using System.Buffers.Binary;
using System.Numerics;

namespace Caudal.Protocol.Checksums;

/// <summary>CRC-32C (Castagnoli), the checksum of record batches.</summary>
/// <remarks>Pure functions, safe from any thread.</remarks>
public static class Crc32C
{
    /// <summary>Computes the checksum of bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Goes on with a checksum: <c>Append(Compute(a), b)</c> is the checksum of a followed by b.</summary>
    /// <param name="crc">The checksum of what came before; 0 for nothing.</param>
    /// <param name="bytes">What follows.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>Joins the checksums of two parts without reading them again.</summary>
    /// <param name="crcA">The checksum of the first part.</param>
    /// <param name="crcB">The checksum of the second part.</param>
    /// <param name="lengthB">The length of the second part in bytes.</param>
    /// <returns>The checksum of the first part followed by the second.</returns>
    public static uint Combine(uint crcA, uint crcB, long lengthB) => Shift(crcA, lengthB) ^ crcB;

    /// <summary>Moves a checksum over zero bytes.</summary>
    internal static uint Shift(uint crc, long length)
    {
        for (; length > 0; length--)
            crc = BitOperations.Crc32C(crc, (byte)0);
        return crc;
    }
}
