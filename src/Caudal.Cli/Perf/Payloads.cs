using System.Globalization;
using System.Text;

namespace Caudal.Cli.Perf;

/// <summary>The values and keys that a measurement goes round in; the same in every run.</summary>
internal static class Payloads
{
    private const int PoolSize = 1024;
    private const int Seed = 1024;

    /// <summary>Makes a pool of random bytes.</summary>
    public static byte[][] CreateRandom(int size) => Create(random =>
    {
        var bytes = new byte[size];
        random.NextBytes(bytes);
        return bytes;
    });

    /// <summary>Makes a pool of JSON objects, padded to a size or as short as they can be.</summary>
    public static byte[][] CreateJson(int size) => Create(random =>
    {
        var id = random.Next(1_000_000);
        var user = random.Next(10_000);
        var amount = random.Next(100_000) / 100m;
        var start = string.Create(
            CultureInfo.InvariantCulture, $"{{\"id\":{id},\"user\":\"u-{user}\",\"amount\":{amount:0.00},\"currency\":\"EUR\",\"note\":\"");
        const string End = "\"}";
        return Encoding.ASCII.GetBytes(start + new string('x', Math.Max(size - start.Length - End.Length, 0)) + End);
    });

    /// <summary>Makes different keys; none for null keys.</summary>
    public static byte[][] CreateKeys(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key-{i}")))];

    private static byte[][] Create(Func<Random, byte[]> make)
    {
        var random = new Random(Seed);
        return [.. Enumerable.Range(0, PoolSize).Select(_ => make(random))];
    }
}
