using Caudal.Client.Configuration;
using Caudal.Compression;

namespace Caudal.Client.Tests.Configuration;

public sealed class PropertiesTests
{
    [Fact]
    public void One_set_of_properties_configures_client_producer_and_consumer()
    {
        Dictionary<string, string> properties = new()
        {
            ["bootstrap.servers"] = "a:1,b:2",
            ["client.id"] = "orders",
            ["request.timeout.ms"] = "1500",
            ["acks"] = "all",
            ["linger.ms"] = "0.5",
            ["compression.zstd.level"] = "7",
            ["compression.lz4.level"] = "1",
            ["compression.type"] = "zstd",
            ["partitioner"] = "consistent_random",
            ["max.in.flight"] = "3",
            ["group.id"] = "g",
            ["auto.offset.reset"] = "earliest",
            ["partition.assignment.strategy"] = "org.apache.kafka.clients.consumer.RoundRobinAssignor, range",
            ["key.serializer"] = "org.apache.kafka.common.serialization.StringSerializer",
        };

        var client = KafkaClientOptions.FromProperties(properties);
        Assert.Equal(
            ("a:1,b:2", "orders", TimeSpan.FromMilliseconds(1500)), (client.BootstrapServers, client.ClientId, client.RequestTimeout));
        Assert.Empty(client.Validate());

        var producer = ProducerOptions.FromProperties(properties);
        Assert.Equal(
            (Acks.All, TimeSpan.FromMilliseconds(0.5), CompressionType.Zstd, 7, 3),
            (producer.Acks, producer.Linger, producer.Compression, producer.CompressionLevel!.Value, producer.MaxInFlight));
        Assert.Same(Partitioners.Crc32, producer.Partitioner);
        Assert.Empty(producer.Validate());

        var consumer = ConsumerOptions.FromProperties(properties);
        Assert.Equal(("g", AutoOffsetReset.Earliest), (consumer.GroupId, consumer.AutoOffsetReset));
        Assert.Equal(["roundrobin", "range"], consumer.Assignors.Select(assignor => assignor.Name));
    }

    [Theory]
    [InlineData("linger", "5", "linger is not a property that Caudal knows; did you mean linger.ms.")]
    [InlineData("bootstrap.server", "a:1", "did you mean bootstrap.servers.")]
    [InlineData("Auto.Offset.Reset", "latest", "did you mean auto.offset.reset.")]
    [InlineData("quite.something.else.altogether", "1", "is not a property that Caudal knows; leave it out.")]
    [InlineData("acks", "2", "acks is '2'; it must be 0, 1 or all.")]
    [InlineData("batch.size", "1MB", "batch.size is '1MB'; it must be a number of bytes.")]
    [InlineData("linger.ms", "-1", "linger.ms is '-1'; it must be a number of milliseconds.")]
    [InlineData("compression.type", "brotli", "compression.type is 'brotli'; it must be none, gzip, snappy, lz4 or zstd.")]
    [InlineData("enable.idempotence", "yes", "enable.idempotence is 'yes'; it must be true or false.")]
    [InlineData("partitioner", "mine", "partitioner is 'mine'; it must be murmur2,")]
    public void What_is_wrong_with_a_property_is_said(string name, string value, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => ProducerOptions.FromProperties([new(name, value)]));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void All_faults_are_listed_at_once()
    {
        var error = Assert.Throws<ArgumentException>(
            () => KafkaClientOptions.FromProperties([new("nonsense.x", "1"), new("request.timeout.ms", "soon")]));
        Assert.Contains("nonsense.x", error.Message);
        Assert.Contains("request.timeout.ms is 'soon'", error.Message);
    }

    [Fact]
    public void Every_property_has_one_meaning()
    {
        var names = ClientProperties.Table.SelectMany(p => p.OtherNames.Append(p.Name))
            .Concat(ProducerProperties.Table.SelectMany(p => p.OtherNames.Append(p.Name)))
            .Concat(ConsumerProperties.Table.SelectMany(p => p.OtherNames.Append(p.Name)))
            .ToArray();
        Assert.Equal(names.Distinct().Order(), names.Order());
    }
}
