namespace Caudal.House.Tests;

public class SourceTests
{
    private const int MaxLines = 500;
    private const int MaxLineLength = 140;

    [Fact]
    public void No_source_file_is_longer_than_500_lines()
    {
        var tooLong = Repository.Files("*.cs")
            .Select(file => (File: file, Lines: Repository.Read(file).Count(c => c == '\n')))
            .Where(f => f.Lines > MaxLines)
            .Select(f => $"{f.File}: {f.Lines} lines");

        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_line_is_longer_than_140_characters()
    {
        var tooLong = Repository.Files("*.cs")
            .Where(file => !file.Contains("/snapshots/", StringComparison.Ordinal))
            .SelectMany(file => Repository.Read(file).Split('\n').Select((line, i) => (Place: $"{file}:{i + 1}", Text: line.TrimEnd('\r'))))
            .Where(line => line.Text.Length > MaxLineLength)
            .Select(line => line.Place);

        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_file_is_called_after_nothing_in_particular()
    {
        string[] vague = ["Utils", "Helpers", "Manager", "Impl", "Misc", "Common"];

        var found = Repository.Files("*.cs")
            .Where(file => vague.Any(word => Path.GetFileNameWithoutExtension(file).EndsWith(word, StringComparison.Ordinal)));

        Assert.Empty(found);
    }

    [Fact]
    public void Tests_mirror_the_source_projects()
    {
        var missing = Repository.Files("*.csproj")
            .Where(file => file.StartsWith("src/", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => !Repository.Exists($"tests/{name}.Tests/{name}.Tests.csproj"));

        Assert.Empty(missing);
    }

    [Fact]
    public void Log_events_of_a_project_have_numbers_of_their_own()
    {
        var duplicates = Repository.Files("*.cs")
            .Where(file => file.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => EventIds(Repository.Read(file)).Select(id => (Project: file.Split('/')[1], Id: id, File: file)))
            .GroupBy(e => (e.Project, e.Id))
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key.Project}: event {group.Key.Id} in {string.Join(", ", group.Select(e => e.File))}");

        Assert.Empty(duplicates);
    }

    private static IEnumerable<string> EventIds(string source) =>
        System.Text.RegularExpressions.Regex.Matches(source, @"\[LoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)")
            .Select(m => m.Groups[1].Value);
}
