using Caudal.Cli.Output;

namespace Caudal.Cli.Tests.Output;

public class TextTableTests
{
    [Fact]
    public async Task Columns_line_up_and_the_last_one_is_not_padded()
    {
        var table = new TextTable("NAME", "N", "LAST").WithMinimum(1, 5);
        table.Add("a-long-name", "1", "x");
        table.Add("b", "22", "y");
        var output = new StringWriter { NewLine = "\n" };

        await table.WriteAsync(output);

        Assert.Equal(
            """
            NAME        N     LAST
            a-long-name 1     x
            b           22    y

            """.ReplaceLineEndings("\n"),
            output.ToString());
    }
}
