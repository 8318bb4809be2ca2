using System.Xml.Linq;

namespace Caudal.House.Tests;

public class LayerTests
{
    [Fact]
    public void Every_project_references_only_what_its_rule_allows()
    {
        var violations = Projects().SelectMany(p => Violations(p.Name, p.References)).ToList();

        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations));
    }

    [Fact]
    public void A_forbidden_reference_is_named_with_its_rule()
    {
        var violation = Assert.Single(Violations("Caudal.Client", ["Caudal.Protocol", "Caudal.Broker"]));

        Assert.Contains("Caudal.Client may not reference Caudal.Broker", violation);
        Assert.Contains("never sees the broker", violation);
    }

    [Fact]
    public void A_project_without_a_rule_is_reported() =>
        Assert.Contains("has no rule", Assert.Single(Violations("Caudal.Unknown", [])));

    [Fact]
    public void The_solution_holds_every_project()
    {
        var solution = Repository.Read("Caudal.slnx");

        var missing = Repository.Files("*.csproj").Where(file => !solution.Contains(file, StringComparison.Ordinal)).ToList();

        Assert.Empty(missing);
    }

    private static IEnumerable<(string Name, string[] References)> Projects() =>
        Repository.Files("*.csproj")
            .Where(file => file.StartsWith("src/", StringComparison.Ordinal) || file.StartsWith("samples/", StringComparison.Ordinal))
            .Select(file => (Path.GetFileNameWithoutExtension(file), References(file)));

    private static string[] References(string file) =>
        XDocument.Parse(Repository.Read(file)).Descendants("ProjectReference")
            .Where(r => r.Attribute("OutputItemType")?.Value != "Analyzer")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))
            .ToArray();

    private static IEnumerable<string> Violations(string project, string[] references)
    {
        if (LayerRules.CompositionRoots.Contains(project))
            return [];
        if (LayerRules.Table.FirstOrDefault(r => r.Project == project) is not { } rule)
            return [$"{project} has no rule in LayerRules: say what it may reference and why."];
        return references.Except(rule.MayReference)
            .Select(reference => $"{project} may not reference {reference}. {rule.Reason}");
    }
}
