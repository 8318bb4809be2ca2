using Caudal.Compression;

namespace Caudal.Client.Tests.Configuration;

public sealed class ProducerOptionsTests
{
    public static TheoryData<ProducerOptions, string> Faults => new()
    {
        { new() { Acks = (Acks)7 }, "acks is 7; it must be 0, 1 or all." },
        { new() { Acks = Acks.Leader, EnableIdempotence = true }, "enable.idempotence needs acks=all" },
        { new() { MaxInFlight = 6 }, "max.in.flight.requests.per.connection is 6; it must be from 1 to 5." },
        { new() { MaxInFlight = 0 }, "it must be from 1 to 5" },
        { new() { Linger = TimeSpan.FromMilliseconds(-1) }, "linger.ms is -1 ms; it must be from 0 ms" },
        { new() { Linger = TimeSpan.FromMinutes(3) }, "delivery.timeout.ms is 120000 ms; it must be from 180000 ms (linger.ms)" },
        { new() { BatchSize = 0 }, "batch.size is 0" },
        { new() { MaxRequestSize = 10 }, "max.request.size is 10; it must be from 1024" },
        { new() { BufferMemory = 1000 }, "buffer.memory is 1000; it must be from 262144" },
        { new() { Compression = CompressionType.Snappy, CompressionLevel = 1 }, "The codec snappy has no levels" },
        {
            new() { Compression = CompressionType.Gzip, CompressionLevel = 10 },
            "compression.gzip.level is 10; it must be from 1 to 9, or left out for -1."
        },
        { new() { Compression = (CompressionType)9 }, "compression.type is 9" },
        { new() { Partitioner = null! }, "partitioner is null" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void A_fault_is_named_with_its_remedy(ProducerOptions options, string expected) =>
        Assert.Contains(expected, Assert.Single(options.Validate()));

    [Fact]
    public void Defaults_are_good()
    {
        Assert.Empty(new ProducerOptions().Validate());
        Assert.True(new ProducerOptions().IsIdempotent);
        Assert.False(new ProducerOptions { Acks = Acks.Leader }.IsIdempotent);
        Assert.False(new ProducerOptions { EnableIdempotence = false }.IsIdempotent);
    }
}
