using System.Numerics;
using System.Text;
using Caudal.Protocol.Checksums;

namespace Caudal.Protocol.Tests.Checksums;

public sealed class Crc32CTests
{
    // RFC 3720 appendix B.4, and the check value of the catalogue of parametrised CRCs.
    public static TheoryData<byte[], uint> Vectors => new()
    {
        { [], 0 },
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xff, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(value => (byte)value)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(value => (byte)(31 - value))], 0x113FDB5C },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Known_vectors_agree(byte[] bytes, uint expected)
    {
        Assert.Equal(expected, Crc32C.Compute(bytes));
        Assert.Equal(expected, ~Crc32C.Software.Table.Update(uint.MaxValue, bytes));
        Assert.Equal(expected, ~Crc32CStreams.One(uint.MaxValue, bytes));
        Assert.Equal(expected, ~Crc32CStreams.Update(uint.MaxValue, bytes));
    }

    [Fact]
    public void All_paths_agree_at_every_size_and_alignment()
    {
        var random = new Random(1);
        var buffer = new byte[40_000];
        random.NextBytes(buffer);
        for (var round = 0; round < 3000; round++)
        {
            var length = round < 1500 ? round : random.Next(buffer.Length - 64);
            var bytes = buffer.AsSpan(random.Next(64), length);
            var register = (uint)random.NextInt64(1L << 32);
            var expected = BitByBit(register, bytes, round < 300 || round % 50 == 0);
            Assert.Equal(expected, Crc32C.Software.Table.Update(register, bytes));
            Assert.Equal(expected, Crc32CStreams.One(register, bytes));
            Assert.Equal(expected, Crc32CStreams.Update(register, bytes));
            if (Crc32CFolding.IsSupported && length >= Crc32CFolding.MinimumLength)
                Assert.Equal(expected, Crc32CFolding.Update(register, bytes));
            Assert.Equal(~expected, Crc32C.Append(~register, bytes));
        }
    }

    [Fact]
    public void Appending_in_parts_is_computing_at_once()
    {
        var random = new Random(2);
        var bytes = new byte[20_000];
        random.NextBytes(bytes);
        var expected = Crc32C.Compute(bytes);
        for (var round = 0; round < 200; round++)
        {
            uint crc = 0;
            for (var position = 0; position < bytes.Length;)
            {
                var length = Math.Min(random.Next(6000), bytes.Length - position);
                crc = Crc32C.Append(crc, bytes.AsSpan(position, length));
                position += length;
            }

            Assert.Equal(expected, crc);
        }
    }

    [Fact]
    public void Combine_joins_two_parts()
    {
        var random = new Random(3);
        var bytes = new byte[20_000];
        random.NextBytes(bytes);
        for (var round = 0; round < 1000; round++)
        {
            var length = random.Next(bytes.Length);
            var cut = random.Next(length + 1);
            var combined = Crc32C.Combine(
                Crc32C.Compute(bytes.AsSpan(0, cut)), Crc32C.Compute(bytes.AsSpan(cut, length - cut)), length - cut);
            Assert.Equal(Crc32C.Compute(bytes.AsSpan(0, length)), combined);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Crc32C.Combine(1, 2, -1));
    }

    [Fact]
    public void Combine_takes_lengths_beyond_two_gigabytes()
    {
        var random = new Random(5);
        for (var round = 0; round < 1000; round++)
        {
            var (a, b, length) = ((uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32), random.NextInt64(1L << 50));
            var moved = Crc32CPolynomial.Multiply(a, Crc32CPolynomial.PowerOfX(8 * length));
            Assert.Equal(moved ^ b, Crc32C.Combine(a, b, length));
        }
    }

    [Fact]
    public void The_arithmetic_agrees_with_its_definition()
    {
        var random = new Random(4);
        const uint One = 0x80000000;
        Assert.Equal(One, Crc32CPolynomial.PowerOfX(0));
        Assert.Equal(One, Crc32CPolynomial.PowerOfX(int.MaxValue));
        var x33 = Crc32CPolynomial.PowerOfX(33);
        for (var round = 0; round < 1000; round++)
        {
            var (a, b) = ((uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32));
            var (m, n) = (random.NextInt64(-1000, 1L << 40), random.NextInt64(-1000, 1L << 40));
            Assert.Equal(a, Crc32CPolynomial.Multiply(a, One));
            Assert.Equal(Crc32CPolynomial.Multiply(a, b), Crc32CPolynomial.Multiply(b, a));
            Assert.Equal(Crc32CPolynomial.Multiply(Crc32CPolynomial.Multiply(a, b), x33), Crc32CPolynomial.MultiplyX33(a, b));
            Assert.Equal(
                Crc32CPolynomial.PowerOfX(m + n), Crc32CPolynomial.Multiply(Crc32CPolynomial.PowerOfX(m), Crc32CPolynomial.PowerOfX(n)));
            var zeros = random.Next(3000);
            Assert.Equal(BitByBit(a, new byte[zeros], true), Crc32CPolynomial.Shift(a, zeros));
        }
    }

    // The definition; slow, so that most rounds take the framework's own function instead.
    private static uint BitByBit(uint register, ReadOnlySpan<byte> bytes, bool slow)
    {
        foreach (var b in bytes)
        {
            if (!slow)
            {
                register = BitOperations.Crc32C(register, b);
                continue;
            }

            register ^= b;
            for (var bit = 0; bit < 8; bit++)
                register = (register >> 1) ^ ((register & 1) * Crc32CPolynomial.Value);
        }

        return register;
    }
}
