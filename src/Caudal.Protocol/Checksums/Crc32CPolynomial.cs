using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;

namespace Caudal.Protocol.Checksums;

/// <summary>Arithmetic with polynomials over GF(2) modulo CRC-32C's: what moves a checksum over bytes that follow.</summary>
/// <remarks>Polynomials are reflected as the checksum is: the highest bit is the coefficient of 1, the lowest that of x³¹.</remarks>
internal static class Crc32CPolynomial
{
    /// <summary>The polynomial without x³².</summary>
    internal const uint Value = 0x82F63B78;

    // x to this power is 1: exponents may be taken modulo it, which also gives negative ones a meaning.
    private const long Order = int.MaxValue;

    private static readonly uint X33 = PowerOfX(33);

    // Entry i: x^(8·2^i − 33), the factor with which MultiplyX33 moves over 2^i zero bytes. 2^i wraps modulo 2³¹−1 after 31 entries.
    private static readonly uint[] Shifts = CreateShifts();

    /// <summary>Whether <see cref="MultiplyX33"/> takes two instructions instead of two loops.</summary>
    internal static bool IsAccelerated =>
        (Pclmulqdq.IsSupported && Sse42.X64.IsSupported) || (ArmAes.IsSupported && System.Runtime.Intrinsics.Arm.Crc32.Arm64.IsSupported);

    /// <summary>a · b.</summary>
    internal static uint Multiply(uint a, uint b)
    {
        uint product = 0;
        for (; a != 0; a <<= 1)
        {
            product ^= b & (uint)((int)a >> 31);
            b = (b >> 1) ^ ((b & 1) * Value);
        }

        return product;
    }

    /// <summary>x to the power of an exponent, which may be negative.</summary>
    internal static uint PowerOfX(long exponent)
    {
        exponent = ((exponent % Order) + Order) % Order;
        var result = 0x80000000u;
        for (var power = 0x40000000u; exponent != 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
                result = Multiply(result, power);
            power = Multiply(power, power);
        }

        return result;
    }

    /// <summary>a · b · x³³, the product that machines with carry-less multiplication compute fastest.</summary>
    /// <remarks>
    /// The carry-less product of two reflected words of 32 bits is that of the polynomials times x, as a reflected word of 64 bits; the CRC
    /// instruction reduces such a word, times x³².
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint MultiplyX33(uint a, uint b)
    {
        if (Pclmulqdq.IsSupported && Sse42.X64.IsSupported)
        {
            var product = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar((ulong)a), Vector128.CreateScalar((ulong)b), 0);
            return BitOperations.Crc32C(0, product.ToScalar());
        }

        if (ArmAes.IsSupported && System.Runtime.Intrinsics.Arm.Crc32.Arm64.IsSupported)
        {
            var product = ArmAes.PolynomialMultiplyWideningLower(Vector64.CreateScalar((ulong)a), Vector64.CreateScalar((ulong)b));
            return BitOperations.Crc32C(0, product.ToScalar());
        }

        return Multiply(Multiply(a, b), X33);
    }

    /// <summary>Moves a checksum or a register over zero bytes.</summary>
    internal static uint Shift(uint crc, long length)
    {
        for (var index = 0; length != 0; length >>= 1, index = index == 30 ? 0 : index + 1)
        {
            if ((length & 1) != 0)
                crc = MultiplyX33(crc, Shifts[index]);
        }

        return crc;
    }

    private static uint[] CreateShifts()
    {
        var shifts = new uint[31];
        for (var index = 0; index < shifts.Length; index++)
            shifts[index] = PowerOfX((8L << index) - 33);
        return shifts;
    }
}
