using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Caudal.Protocol.Checksums;

/// <summary>Table-driven CRC of 32 bits, reflected, eight bytes a step: for machines without an instruction for the polynomial.</summary>
/// <remarks>
/// Source: M. Kounavis and F. Berry, "A Systematic Approach to Building High Performance, Software-based, CRC Generators" (slicing by 8).
/// </remarks>
internal sealed class CrcTable
{
    // Entry 256 * k + b: byte b followed by k zero bytes.
    private readonly uint[] _entries = new uint[8 * 256];

    /// <param name="polynomial">The polynomial without its highest term, the lowest degree in the highest bit.</param>
    internal CrcTable(uint polynomial)
    {
        for (uint index = 0; index < 256; index++)
        {
            var crc = index;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * polynomial);
            _entries[index] = crc;
        }

        for (var index = 256; index < _entries.Length; index++)
            _entries[index] = (_entries[index - 256] >> 8) ^ _entries[(byte)_entries[index - 256]];
    }

    /// <summary>Goes on with the register, without the inversions before and after that the checksum's definition wants.</summary>
    internal uint Update(uint register, ReadOnlySpan<byte> bytes)
    {
        var table = _entries.AsSpan();
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            var mixed = (BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word)) ^ register;
            register = table[0x700 + (byte)mixed]
                ^ table[0x600 + (byte)(mixed >> 8)]
                ^ table[0x500 + (byte)(mixed >> 16)]
                ^ table[0x400 + (byte)(mixed >> 24)]
                ^ table[0x300 + (byte)(mixed >> 32)]
                ^ table[0x200 + (byte)(mixed >> 40)]
                ^ table[0x100 + (byte)(mixed >> 48)]
                ^ table[(byte)(mixed >> 56)];
        }

        foreach (var b in bytes[(bytes.Length & ~7)..])
            register = (register >> 8) ^ table[(byte)(register ^ b)];
        return register;
    }
}
