using Caudal.Cli.Records;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Tests.Records;

public class FormatStringTests
{
    private static readonly SampleRecord Sample = new("k1", "value")
    {
        Headers = [new RecordHeader("a", "1"u8.ToArray()), new RecordHeader("b", default(byte[]))],
    };

    [Theory]
    [InlineData("%k", "k1")]
    [InlineData("%v", "value")]
    [InlineData("%s", "value")]
    [InlineData("%t[%p]@%o", "orders[3]@41")]
    [InlineData("%T", "1700000000123")]
    [InlineData("%h", "a=1,b=NULL")]
    [InlineData("%K %S", "2 5")]
    [InlineData(@"%%\n\t\r\0\\", "%\n\t\r\0\\")]
    [InlineData(@"\x41\x2f", "A/")]
    [InlineData("água 😀 %k", "água 😀 k1")]
    [InlineData("", "")]
    public void Every_field_is_shown(string format, string expected) => Assert.Equal(expected, Sample.Show(FormatString.Parse(format)));

    [Fact]
    public void Nulls_are_empty_and_their_size_is_minus_one() =>
        Assert.Equal("[] [] -1 -1", new SampleRecord(default(byte[]), null).Show(FormatString.Parse("[%k] [%v] %K %S")));

    [Fact]
    public void Bytes_that_are_not_text_are_shown_unchanged() =>
        Assert.Equal([0xff, 0x00, (byte)'\n'], new SampleRecord(null, [0xff, 0x00]).ShowBytes(FormatString.Value));

    [Theory]
    [InlineData("%q", "%q")]
    [InlineData("50%", "%")]
    [InlineData(@"\y", @"\y")]
    [InlineData(@"end\", @"\")]
    [InlineData(@"\x4", @"\x")]
    [InlineData(@"\xzz", @"\x")]
    public void What_means_nothing_is_refused_by_name(string format, string named)
    {
        var error = Assert.Throws<CommandException>(() => FormatString.Parse(format));

        Assert.Contains($"holds {named}", error.Message);
        Assert.Equal(CaudalCommand.WrongUse, error.ExitCode);
    }
}
