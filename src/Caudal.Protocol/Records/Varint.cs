using System.Numerics;
using System.Runtime.CompilerServices;

namespace Caudal.Protocol.Records;

/// <summary>Zigzag varints as records use them: seven bits a byte, the lowest first (protocol buffers' sint32 and sint64).</summary>
internal static class Varint
{
    /// <summary>The most bytes of a 32-bit varint.</summary>
    internal const int MaxSize = 5;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int SizeOf(long value)
    {
        var raw = (ulong)((value << 1) ^ (value >> 63));
        // ceil(bits / 7) without a division or a branch: exact for 1 to 64 bits.
        return ((BitOperations.Log2(raw | 1) * 9) + 73) >> 6;
    }

    /// <summary>Writes a value.</summary>
    /// <returns>The position behind it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Write(Span<byte> bytes, int position, long value)
    {
        var raw = (ulong)((value << 1) ^ (value >> 63));
        while (raw >= 0x80)
        {
            bytes[position++] = (byte)(raw | 0x80);
            raw >>= 7;
        }

        bytes[position] = (byte)raw;
        return position + 1;
    }
}
