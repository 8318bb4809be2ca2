namespace Caudal.Protocol.Generator.Tests;

/// <summary>What is emitted lies beside the tests, so that a change of the generator shows its effect.</summary>
/// <remarks><c>CAUDAL_UPDATE_SNAPSHOTS=1</c> rewrites the files; look at the difference before you commit it.</remarks>
public sealed class SnapshotTests
{
    private static readonly string Folder = Path.Combine(Repository.Tests, "snapshots");

    [Theory]
    [InlineData("00_produce")]
    [InlineData("01_fetch")]
    [InlineData("03_metadata")]
    [InlineData("18_api_versions")]
    [InlineData("consumer_offsets")]
    public void What_is_emitted_is_what_was_reviewed(string name)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Schemas, name + ".kafka"));
        var result = GeneratorRun.Driver(new SchemaText(name + ".kafka", text)).Run().Result();
        Assert.Empty(result.Diagnostics);
        var emitted = result.GeneratedSources.Single(s => s.HintName == name + ".g.cs").SourceText.ToString();
        var snapshot = Path.Combine(Folder, name + ".g.cs.txt");
        if (Environment.GetEnvironmentVariable("CAUDAL_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(snapshot, emitted);
        var difference = FirstDifference(File.ReadAllText(snapshot), emitted);
        Assert.True(difference is null, $"{snapshot} {difference}. If that is meant, run the tests with CAUDAL_UPDATE_SNAPSHOTS=1.");
    }

    [Fact]
    public void The_first_line_that_differs_is_named()
    {
        Assert.Null(FirstDifference("a\nb\n", "a\nb\n"));
        Assert.Equal("line 2: expected 'b', emitted 'c'", FirstDifference("a\nb\n", "a\nc\n"));
        Assert.Equal("line 3: expected nothing, emitted 'c'", FirstDifference("a\nb", "a\nb\nc"));
        Assert.Equal("line 2: expected 'b', emitted nothing", FirstDifference("a\nb", "a"));
    }

    private static string? FirstDifference(string expected, string emitted)
    {
        var wanted = expected.ReplaceLineEndings("\n").Split('\n');
        var actual = emitted.ReplaceLineEndings("\n").Split('\n');
        for (var line = 0; line < Math.Max(wanted.Length, actual.Length); line++)
        {
            if (Line(wanted, line) != Line(actual, line))
                return $"line {line + 1}: expected {Line(wanted, line)}, emitted {Line(actual, line)}";
        }

        return null;
    }

    private static string Line(string[] lines, int line) => line < lines.Length ? $"'{lines[line]}'" : "nothing";
}
