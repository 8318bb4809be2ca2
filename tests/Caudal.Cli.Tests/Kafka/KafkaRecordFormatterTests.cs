using Caudal.Cli.Kafka;
using Caudal.Cli.Tests.Records;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Tests.Kafka;

/// <summary>The expected texts were printed by Kafka 4.3.1.</summary>
public class KafkaRecordFormatterTests
{
    private static readonly string[] Everything =
    [
        "print.timestamp", "print.partition", "print.offset", "print.epoch", "print.headers", "print.key",
    ];

    [Fact]
    public void A_value_is_shown_alone_by_default() => Assert.Equal("value\n", Show(new SampleRecord("k1", "value")));

    [Fact]
    public void Everything_comes_in_the_order_of_kafka() => Assert.Equal(
        "CreateTime:1700000000123\tPartition:3\tOffset:41\tEpoch:NOT_PRESENT\th1:v1,h2:v2\tk1\tvalue\n",
        Show(
            new SampleRecord("k1", "value") { Headers = [Header("h1", "v1"), Header("h2", "v2")] },
            [.. Everything.Select(name => (name, "true"))]));

    [Fact]
    public void What_is_missing_has_words_of_its_own() => Assert.Equal(
        "LogAppendTime:1700000000123\tPartition:3\tOffset:41\tEpoch:NOT_PRESENT\tNO_HEADERS\tnull\tnull\n",
        Show(
            new SampleRecord(default(byte[]), null) { TimestampType = TimestampType.LogAppendTime },
            [.. Everything.Select(name => (name, "true"))]));

    [Fact]
    public void Separators_and_the_word_for_null_can_be_chosen() => Assert.Equal(
        "h1:v1;h2:NIL:NIL:value|",
        Show(
            new SampleRecord(null, "value"u8.ToArray()) { Headers = [Header("h1", "v1"), new RecordHeader("h2", default(byte[]))] },
            ("print.headers", "true"), ("print.key", "true"), ("key.separator", ":"), ("headers.separator", ";"), ("null.literal", "NIL"),
            ("line.separator", "|")));

    [Fact]
    public void Without_a_value_the_key_ends_the_line() =>
        Assert.Equal("k1\n", Show(new SampleRecord("k1", "value"), ("print.key", "true"), ("print.value", "false")));

    [Fact]
    public void Nothing_to_print_prints_nothing() => Assert.Equal("", Show(new SampleRecord("k1", "value"), ("print.value", "false")));

    [Theory]
    [InlineData("org.apache.kafka.common.serialization.LongDeserializer", new byte[] { 0, 0, 0, 0, 0, 0, 1, 0 }, "256\n")]
    [InlineData("org.apache.kafka.common.serialization.IntegerDeserializer", new byte[] { 255, 255, 255, 254 }, "-2\n")]
    [InlineData("org.apache.kafka.common.serialization.ShortDeserializer", new byte[] { 1, 1 }, "257\n")]
    [InlineData("org.apache.kafka.common.serialization.StringDeserializer", new byte[] { 65 }, "A\n")]
    public void Numbers_are_shown_by_their_deserializer(string name, byte[] value, string expected) =>
        Assert.Equal(expected, Show(new SampleRecord(null, value), ("value.deserializer", name)));

    [Fact]
    public void Bytes_that_are_no_number_are_an_error()
    {
        var error = Assert.Throws<CommandException>(
            () => Show(new SampleRecord(null, [1, 2, 3]), ("value.deserializer", "LongDeserializer")));

        Assert.Contains("3 bytes", error.Message);
    }

    [Theory]
    [InlineData("print.everything", "true")]
    [InlineData("print.key", "yes")]
    [InlineData("value.deserializer", "com.example.AvroDeserializer")]
    public void What_is_not_supported_is_refused_by_name(string name, string value)
    {
        var error = Assert.Throws<CommandException>(() => new KafkaRecordFormatter().Set(name, value));

        Assert.Equal(CaudalCommand.WrongUse, error.ExitCode);
        Assert.Contains(name == "value.deserializer" ? value : name, error.Message);
    }

    private static RecordHeader Header(string name, string value) => new(name, System.Text.Encoding.UTF8.GetBytes(value));

    private static string Show(SampleRecord record, params (string Name, string Value)[] properties)
    {
        var formatter = new KafkaRecordFormatter();
        foreach (var (name, value) in properties)
            formatter.Set(name, value);
        return record.Show(formatter);
    }
}
