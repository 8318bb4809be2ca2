using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Caudal.Protocol.Checksums;

/// <summary>CRC-32C by the processor's instruction for it.</summary>
/// <remarks>
/// The instruction takes three cycles but one may start each cycle: three streams side by side keep it busy. Their registers are joined by
/// moving the first over two blocks of zeros and the second over one. Source: V. Gopal and others, "Fast CRC Computation for iSCSI
/// Polynomial Using CRC32 Instruction" (Intel, 2011).
/// </remarks>
internal static class Crc32CStreams
{
    // The longer the blocks, the fewer joins; the shorter, the more input profits. Both are multiples of eight.
    private const int LongBlock = 2048;
    private const int ShortBlock = 256;

    private static readonly (uint One, uint Two) LongShift = (Factor(LongBlock), Factor(2 * LongBlock));
    private static readonly (uint One, uint Two) ShortShift = (Factor(ShortBlock), Factor(2 * ShortBlock));

    /// <summary>Goes on with the register, choosing the number of streams by the length.</summary>
    internal static uint Update(uint register, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 3 * ShortBlock && Crc32CPolynomial.IsAccelerated)
        {
            while (bytes.Length >= 3 * LongBlock)
            {
                register = Three(register, bytes, LongBlock, LongShift);
                bytes = bytes[(3 * LongBlock)..];
            }

            while (bytes.Length >= 3 * ShortBlock)
            {
                register = Three(register, bytes, ShortBlock, ShortShift);
                bytes = bytes[(3 * ShortBlock)..];
            }
        }

        return One(register, bytes);
    }

    /// <summary>Goes on with the register in one stream.</summary>
    internal static uint One(uint register, ReadOnlySpan<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var words = bytes.Length & ~7;
        for (var position = 0; position < words; position += 8)
            register = BitOperations.Crc32C(register, Read(ref start, position));
        for (var position = words; position < bytes.Length; position++)
            register = BitOperations.Crc32C(register, Unsafe.Add(ref start, position));
        return register;
    }

    private static uint Three(uint register, ReadOnlySpan<byte> bytes, int block, (uint One, uint Two) shift)
    {
        ref var first = ref MemoryMarshal.GetReference(bytes);
        ref var second = ref Unsafe.Add(ref first, block);
        ref var third = ref Unsafe.Add(ref second, block);
        uint middle = 0;
        uint last = 0;
        for (nint position = 0; position < block; position += 8)
        {
            register = BitOperations.Crc32C(register, Read(ref first, position));
            middle = BitOperations.Crc32C(middle, Read(ref second, position));
            last = BitOperations.Crc32C(last, Read(ref third, position));
        }

        return Crc32CPolynomial.MultiplyX33(register, shift.Two) ^ Crc32CPolynomial.MultiplyX33(middle, shift.One) ^ last;
    }

    private static uint Factor(int bytes) => Crc32CPolynomial.PowerOfX((8L * bytes) - 33);

    // Both architectures that have the instruction are little-endian here.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read(ref byte start, nint position) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, position));
}
