using Caudal.Client.Connections;

namespace Caudal.Client.Tests.Connections;

public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("localhost:9092", "localhost:9092")]
    [InlineData(" a:1 , b:2,", "a:1 b:2")]
    [InlineData("PLAINTEXT://kafka:9092", "kafka:9092")]
    [InlineData("[::1]:9092", "[::1]:9092")]
    public void Bootstrap_lists_are_read(string list, string expected)
    {
        Assert.True(BrokerAddress.TryParseList(list, out var addresses, out _));
        Assert.Equal(expected, string.Join(" ", addresses.Select(address => address.ToString())));
        Assert.All(addresses, address => Assert.True(address.Id < 0));
    }

    [Theory]
    [InlineData("", "names no server")]
    [InlineData(null, "names no server")]
    [InlineData("localhost", "'localhost' has no port")]
    [InlineData("a:1,b:0", "'0' in 'b:0' is not a port")]
    [InlineData("a:99999", "is not a port (1 to 65535)")]
    [InlineData(":9092", "has no port")]
    public void What_is_wrong_with_a_list_is_said(string? list, string expected)
    {
        Assert.False(BrokerAddress.TryParseList(list, out _, out var fault));
        Assert.Contains(expected, fault);
    }
}
