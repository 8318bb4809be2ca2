using Caudal.Cli.Cluster;
using Caudal.Client;
using Caudal.Compression;

namespace Caudal.Cli.Tests.Cluster;

public class ClientPropertiesTests
{
    [Fact]
    public void Each_kind_of_client_takes_its_own()
    {
        var properties = new ClientProperties();
        properties.SetPair("--command-property", "compression.zstd.level=7");
        properties.SetPair("--command-property", "compression.type=zstd");
        properties.SetPair("--command-property", "acks=1");
        properties.SetPair("--command-property", "client.id=billing");
        properties.SetPair("--command-property", "auto.offset.reset=earliest");

        properties.SetDefault("acks", "0");
        properties.SetDefault("linger.ms", "7");

        var producer = properties.ToProducerOptions();

        Assert.Equal((Acks.Leader, CompressionType.Zstd, 7), (producer.Acks, producer.Compression, producer.CompressionLevel));
        Assert.Equal(7, producer.Linger.TotalMilliseconds);
        Assert.Equal("billing", properties.ToClientOptions().ClientId);
        Assert.Equal(AutoOffsetReset.Earliest, properties.ToConsumerOptions().AutoOffsetReset);
    }

    [Theory]
    [InlineData("sasl.mechanism=PLAIN", "sasl.mechanism")]
    [InlineData("security.protocol=SSL", "security.protocol")]
    [InlineData("linger.mss=5", "linger.mss")]
    public void What_is_not_supported_is_refused_by_name(string pair, string name)
    {
        var properties = new ClientProperties();
        properties.SetPair("--command-property", pair);

        var error = Assert.Throws<CommandException>(properties.ToClientOptions);

        Assert.Contains(name, error.Message);
        Assert.Equal(CaudalCommand.WrongUse, error.ExitCode);
    }

    [Theory]
    [InlineData("linger.ms", "soon")]
    [InlineData("acks", "2")]
    [InlineData("enable.idempotence", "maybe")]
    [InlineData("compression.type", "rar")]
    public void A_value_that_is_none_is_refused_by_name(string name, string value)
    {
        var properties = new ClientProperties();
        properties.Set(name, value);

        var error = Assert.Throws<CommandException>(properties.ToProducerOptions);

        Assert.Contains($"{name} is '{value}'", error.Message);
    }

    [Fact]
    public void A_pair_has_a_sign_between_its_halves() => Assert.Equal(
        CaudalCommand.WrongUse, Assert.Throws<CommandException>(
            () => new ClientProperties().SetPair("--command-property", "linger.ms")).ExitCode);

    [Fact]
    public void What_every_java_configuration_holds_is_taken()
    {
        var properties = new ClientProperties();
        properties.Set("bootstrap.servers", "other:9092");
        properties.Set("security.protocol", "PLAINTEXT");

        Assert.Equal(new ProducerOptions(), properties.ToProducerOptions());
    }
}
