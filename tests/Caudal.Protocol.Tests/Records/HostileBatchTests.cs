namespace Caudal.Protocol.Tests.Records;

public sealed class HostileBatchTests
{
    [Fact]
    public void Hostile_bytes_raise_nothing_but_protocol_errors()
    {
        var (read, refused) = BatchFuzz.Run(seed: 20261124, iterations: 50_000);
        // Both happen: flips in keys and values go unnoticed without the checksum, flips in lengths do not.
        Assert.True(read > 5_000);
        Assert.True(refused > 15_000);
        Assert.Equal(50_000, read + refused);
    }
}
