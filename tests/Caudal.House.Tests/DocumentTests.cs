using System.Text.RegularExpressions;

namespace Caudal.House.Tests;

public partial class DocumentTests
{
    private static readonly string[] Documents = [.. Repository.Files("*.md")];

    public static TheoryData<string> AllDocuments => [.. Documents];

    [Theory]
    [MemberData(nameof(AllDocuments))]
    public void Every_link_leads_to_a_file(string document)
    {
        var folder = Path.GetDirectoryName(document)!;

        var broken = Links().Matches(Repository.Read(document))
            .Select(m => m.Groups[1].Value.Split('#')[0])
            .Where(link => link.Length > 0 && !link.Contains("://", StringComparison.Ordinal))
            .Where(link => !Repository.Exists(Path.Combine(folder, link)));

        Assert.Empty(broken);
    }

    [Theory]
    [MemberData(nameof(AllDocuments))]
    public void Every_path_in_backquotes_exists(string document)
    {
        var missing = Quoted().Matches(Repository.Read(document))
            .Select(m => m.Groups[1].Value)
            .Where(text => Roots().IsMatch(text)
                && !text.Contains('*', StringComparison.Ordinal)
                && !text.Contains(' ', StringComparison.Ordinal))
            .Where(path => !Repository.Exists(path.TrimEnd('/')));

        Assert.Empty(missing);
    }

    [Theory]
    [MemberData(nameof(AllDocuments))]
    public void Every_project_that_is_named_exists(string document)
    {
        // Decisions may speak of what is planned; the other documents say what is there.
        if (document.StartsWith("docs/adr/", StringComparison.Ordinal))
            return;
        var projects = Repository.Files("*.csproj").Select(f => Path.GetFileNameWithoutExtension(f)).ToHashSet();

        var missing = Quoted().Matches(Repository.Read(document))
            .Select(m => m.Groups[1].Value)
            .Where(text => ProjectName().IsMatch(text) && !projects.Contains(text));

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("README.pt-BR.md")]
    [InlineData("CONTRIBUTING.md")]
    public void Every_project_that_a_command_names_exists(string document)
    {
        var named = CommandProjects().Matches(Repository.Read(document)).Select(m => m.Groups[1].Value).ToList();

        Assert.All(named, path => Assert.True(Repository.Exists(path), $"{document} names {path}, which is not there."));
    }

    [Fact]
    public void The_Portuguese_readme_has_the_commands_and_headings_of_the_English_one()
    {
        var english = Repository.Read("README.md");
        var portuguese = Repository.Read("README.pt-BR.md");

        Assert.Equal(Headings(english), Headings(portuguese));
        Assert.Equal(Commands(english), Commands(portuguese));
    }

    private static IEnumerable<int> Headings(string text) => HeadingLines().Matches(text).Select(m => m.Groups[1].Length);

    private static IEnumerable<string> Commands(string text) =>
        Fences().Matches(text)
            .SelectMany(m => m.Groups[1].Value.Split('\n'))
            .Select(line => line.Split('#')[0].Trim())
            .Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"`([^`\n]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^(src|tests|bench|samples|docs|schemas|\.ci)/")]
    private static partial Regex Roots();

    [GeneratedRegex(@"^Caudal(\.[A-Z][A-Za-z]+)+$")]
    private static partial Regex ProjectName();

    [GeneratedRegex(@"--project\s+([^\s`]+)")]
    private static partial Regex CommandProjects();

    [GeneratedRegex(@"^(#+) ", RegexOptions.Multiline)]
    private static partial Regex HeadingLines();

    [GeneratedRegex(@"```[a-z]*\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fences();
}
