using Caudal.Cli.Records;

namespace Caudal.Cli.Tests.Records;

public class StartOffsetTests
{
    [Theory]
    [InlineData("beginning")]
    [InlineData("earliest")]
    [InlineData("end")]
    [InlineData("0")]
    [InlineData("17")]
    [InlineData("-5")]
    [InlineData("9223372036854775807")]
    public void Words_and_numbers_are_understood(string text) => Assert.True(StartOffset.TryParse(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("middle")]
    [InlineData("1.5")]
    [InlineData("-9223372036854775808")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(StartOffset.TryParse(text, out _));
        Assert.Equal(CaudalCommand.WrongUse, Assert.Throws<CommandException>(() => StartOffset.Parse(text)).ExitCode);
    }

    [Fact]
    public void The_words_of_kcat_and_of_kafka_mean_the_same()
    {
        Assert.Equal(StartOffset.Parse("earliest"), StartOffset.Parse("beginning"));
        Assert.Equal(StartOffset.Parse("latest"), StartOffset.Parse("end"));
        Assert.NotEqual(StartOffset.Parse("5"), StartOffset.Parse("-5"));
    }
}
