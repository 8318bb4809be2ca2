using Caudal.Cli.Kafka;

namespace Caudal.Cli.Tests.Kafka;

public class JavaPatternTests
{
    [Theory]
    [InlineData("orders", "orders", true)]
    [InlineData("orders", "orders-dlq", false)]
    [InlineData("orders.*", "orders-dlq", true)]
    [InlineData("a,b", "b", true)]
    [InlineData("a,b", "ab", false)]
    public void The_whole_name_must_match(string pattern, string name, bool matches) =>
        Assert.Equal(matches, JavaPattern.Parse(pattern).IsMatch(name));

    [Fact]
    public void A_broken_pattern_is_refused() =>
        Assert.Equal(CaudalCommand.WrongUse, Assert.Throws<CommandException>(() => JavaPattern.Parse("a(")).ExitCode);
}
