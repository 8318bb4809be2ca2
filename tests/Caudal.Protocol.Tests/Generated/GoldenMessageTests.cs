using System.IO.Compression;

namespace Caudal.Protocol.Tests.Generated;

/// <summary>
/// Every message in every version has the bytes that Kafka's own classes write (java/GoldenMessages.java), and is read back from them.
/// </summary>
public sealed class GoldenMessageTests
{
    private static readonly Dictionary<(string Name, short Version, string Filling), byte[]> Golden = Load();

    public static TheoryData<string> Messages => [.. GeneratedMessage.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Messages_are_encoded_as_Kafka_encodes_them(string name)
    {
        foreach (var (message, version, filling, expected) in All(name).Where(golden => golden.Filling != "tags"))
        {
            var value = new GoldenFilling(message, filling, version).Make();
            var actual = GeneratedMessage.Encode(value, version);
            Assert.True(
                expected.AsSpan().SequenceEqual(actual),
                $"{name} version {version}, {filling}: Kafka writes\n{Convert.ToHexString(expected)}, " +
                $"here it is\n{Convert.ToHexString(actual)}");
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void What_Kafka_encodes_is_read_with_and_without_tags_that_nobody_knows(string name)
    {
        foreach (var (message, version, filling, bytes) in All(name))
        {
            var read = message.Read(bytes, version, out var remaining);
            Assert.Equal(0, remaining);
            var difference = Graph.Difference(new GoldenFilling(message, filling, version).Make(), read);
            Assert.True(difference is null, $"{name} version {version}, {filling}: {difference}");
        }
    }

    private static IEnumerable<(GeneratedMessage Message, short Version, string Filling, byte[] Bytes)> All(string name)
    {
        var message = GeneratedMessage.Named(name);
        foreach (var version in message.Versions)
        {
            foreach (var filling in new[] { "full", "nulls", "least", "tags" })
            {
                if (filling == "tags" && !message.Model.Flexible.Contains(version))
                    continue;
                Assert.True(
                    Golden.TryGetValue((name, version, filling), out var bytes),
                    $"There are no golden bytes of {name} version {version}, {filling}: run java/GoldenMessages.java with that Kafka");
                yield return (message, version, filling, bytes);
            }
        }
    }

    private static Dictionary<(string Name, short Version, string Filling), byte[]> Load()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "fixtures", "golden-messages.txt.gz"));
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        return text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(
                words => (words[0], short.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), words[2]),
                words => Convert.FromHexString(words[3]));
    }
}
