using Caudal.Cli.Cluster;

namespace Caudal.Cli.Tests.Cluster;

public class PropertiesFileTests
{
    [Theory]
    [InlineData("a=b", "a", "b")]
    [InlineData("a = b c ", "a", "b c ")]
    [InlineData("a:b", "a", "b")]
    [InlineData("a b", "a", "b")]
    [InlineData("  a\t=\tb", "a", "b")]
    [InlineData("a", "a", "")]
    [InlineData("a=", "a", "")]
    [InlineData("a==b", "a", "=b")]
    [InlineData(@"a\=b=c", "a=b", "c")]
    [InlineData(@"a\ b=c", "a b", "c")]
    [InlineData(@"a=\u00e1\tx\\", "a", "á\tx\\")]
    [InlineData("a=b\\\n   c", "a", "bc")]
    [InlineData("a=b\\\r\n   c\r\n", "a", "bc")]
    [InlineData("a=1\na=2", "a", "2")]
    [InlineData("# x=y\n! z=w\n\n  a=b", "a", "b")]
    public void A_property_is_read_as_java_reads_it(string text, string name, string value) =>
        Assert.Equal(new KeyValuePair<string, string>(name, value), Assert.Single(PropertiesFile.Parse(text)));

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var error = await Assert.ThrowsAsync<CommandException>(
            async () => await PropertiesFile.ReadAsync("/no/such.properties", TestContext.Current.CancellationToken));

        Assert.Contains("/no/such.properties", error.Message);
        Assert.Equal(CaudalCommand.WrongUse, error.ExitCode);
    }
}
