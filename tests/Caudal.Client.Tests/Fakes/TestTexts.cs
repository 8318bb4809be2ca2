namespace Caudal.Client.Tests.Fakes;

/// <summary>Producers of text over fake clusters.</summary>
internal static class TestTexts
{
    public static ProducerOptions<string?, string?> Options(ProducerOptions? options = null) =>
        new(options ?? new ProducerOptions(), Serdes.Utf8, Serdes.Utf8);

    public static ProducerRecord<string?, string?> Record(string topic, string? value, string? key = null) => new(topic, key, value);

    public static string[] Numbers(int count) =>
        [.. Enumerable.Range(0, count).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))];
}
