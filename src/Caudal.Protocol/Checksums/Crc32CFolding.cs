using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caudal.Protocol.Checksums;

/// <summary>CRC-32C by carry-less multiplication of 64 bytes at once (AVX-512 with VPCLMULQDQ).</summary>
/// <remarks>
/// Every vector is a remainder that is moved forward over the bytes between it and the next ones and added to them ("folding"), until 64
/// bytes are left that have the same checksum as all of the input. Source: V. Gopal and others, "Fast CRC Computation for Generic
/// Polynomials Using PCLMULQDQ Instruction" (Intel, 2009).
/// </remarks>
internal static class Crc32CFolding
{
    /// <summary>The least input: four vectors.</summary>
    internal const int MinimumLength = 4 * Vector;

    private const int Vector = 64;

    private static readonly Vector512<ulong> OverFour = Factors(4 * Vector);
    private static readonly Vector512<ulong> OverOne = Factors(Vector);

    /// <summary>Whether this machine can do it.</summary>
    internal static bool IsSupported => Pclmulqdq.V512.IsSupported && Crc32CPolynomial.IsAccelerated;

    /// <summary>Goes on with the register.</summary>
    /// <param name="register">The register, not inverted.</param>
    /// <param name="bytes">At least <see cref="MinimumLength"/> bytes.</param>
    internal static uint Update(uint register, ReadOnlySpan<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var a = Load(ref start, 0) ^ Vector512.CreateScalar((ulong)register);
        var b = Load(ref start, Vector);
        var c = Load(ref start, 2 * Vector);
        var d = Load(ref start, 3 * Vector);
        nint position = MinimumLength;
        var factors = OverFour;
        for (; position <= bytes.Length - MinimumLength; position += MinimumLength)
        {
            a = Fold(a, factors, Load(ref start, position));
            b = Fold(b, factors, Load(ref start, position + Vector));
            c = Fold(c, factors, Load(ref start, position + (2 * Vector)));
            d = Fold(d, factors, Load(ref start, position + (3 * Vector)));
        }

        factors = OverOne;
        var rest = Fold(Fold(Fold(a, factors, b), factors, c), factors, d);
        for (; position <= bytes.Length - Vector; position += Vector)
            rest = Fold(rest, factors, Load(ref start, position));

        Span<byte> last = stackalloc byte[Vector];
        rest.AsByte().CopyTo(last);
        return Crc32CStreams.One(Crc32CStreams.One(0, last), bytes[(int)position..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> remainder, Vector512<ulong> factors, Vector512<ulong> next) =>
        Pclmulqdq.V512.CarrylessMultiply(remainder, factors, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(remainder, factors, 0x11) ^ next;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ref byte start, nint position) => Vector512.LoadUnsafe(ref start, (nuint)position).AsUInt64();

    // Lanes of 128 bits are folded apart. In each the first eight bytes have 64 bits further to go. The product of reflected words of 64
    // bits is that of the polynomials times x, therefore one power less; a polynomial of 32 bits lies in the upper half of such a word.
    private static Vector512<ulong> Factors(int bytes)
    {
        var low = (ulong)Crc32CPolynomial.PowerOfX((8L * bytes) + 63) << 32;
        var high = (ulong)Crc32CPolynomial.PowerOfX((8L * bytes) - 1) << 32;
        return Vector512.Create(low, high, low, high, low, high, low, high);
    }
}
