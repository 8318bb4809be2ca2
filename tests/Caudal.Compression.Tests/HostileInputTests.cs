namespace Caudal.Compression.Tests;

public sealed class HostileInputTests
{
    private const int CasesPerCodec = 5_000;

    public static TheoryData<CompressionType> Codecs => [.. Payloads.Codecs];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Hostile_bytes_give_a_CompressionException_or_data_within_the_limit(CompressionType type)
    {
        string[] payloads = ["text1", "text300", "text5000", "text70000", "zeros100000", "random700"];
        var random = new Random(20_000 + (int)type);
        byte[][] seeds =
        [
            .. from payload in payloads select Payloads.Compress(type, Payloads.Named(payload)),
            .. type == CompressionType.Lz4 ? [Lz4Frames.Linked(Payloads.Text(150_000))] : Array.Empty<byte[]>(),
        ];
        var refused = 0;
        for (var i = 0; i < CasesPerCodec; i++)
        {
            var data = Mutate(seeds[random.Next(seeds.Length)], random);
            var maxSize = random.Next(3) == 0 ? random.Next(2000) : 200_000;
            using var output = new PooledBuffer();
            try
            {
                Codec.Decompress(type, data, output, maxSize);
            }
            catch (CompressionException e)
            {
                Assert.InRange(e.Position, 0, data.Length);
                refused++;
            }

            Assert.InRange(output.WrittenCount, 0, maxSize);
        }

        Assert.InRange(refused, CasesPerCodec / 4, CasesPerCodec);
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                var noise = new byte[random.Next(200)];
                random.NextBytes(noise);
                return noise;
            case 1:
                // The start is kept, so that the noise gets past the headers.
                var tail = seed.ToArray();
                random.NextBytes(tail.AsSpan(Math.Min(tail.Length, random.Next(1, 40))));
                return tail;
            case 2:
                return seed[..random.Next(seed.Length)];
            case 3:
                return [.. seed, .. seed[..random.Next(seed.Length)]];
            default:
                var flipped = seed.ToArray();
                for (var flips = random.Next(1, 6); flips > 0; flips--)
                {
                    var at = random.Next(2) == 0 ? random.Next(flipped.Length) : random.Next(Math.Min(32, flipped.Length));
                    flipped[at] ^= (byte)(1 << random.Next(8));
                }

                return flipped;
        }
    }
}
