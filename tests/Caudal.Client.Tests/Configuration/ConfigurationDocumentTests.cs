using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Caudal.Client.Configuration;

namespace Caudal.Client.Tests.Configuration;

/// <summary><c>docs/configuration.md</c> is made from the tables of properties and the comments of the options.</summary>
/// <remarks><c>CAUDAL_UPDATE_SNAPSHOTS=1</c> rewrites it; look at the difference before you commit it.</remarks>
public sealed partial class ConfigurationDocumentTests
{
    [Fact]
    public void The_document_says_what_the_code_does()
    {
        var path = Path.Combine(Root(), "docs", "configuration.md");
        var text = Write();
        if (Environment.GetEnvironmentVariable("CAUDAL_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(path, text);
        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == text,
            $"{path} is not what the code says. If that is meant, run the tests with CAUDAL_UPDATE_SNAPSHOTS=1.");
    }

    private static string Write()
    {
        var comments = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Caudal.Client.xml")).Descendants("member").ToArray();
        var text = new StringBuilder("""
            # Configuration

            This page is made from the code by `tests/Caudal.Client.Tests`; do not edit it. Every property can be given by name, as
            `KafkaClientOptions.FromProperties`, `ProducerOptions.FromProperties` and `ConsumerOptions.FromProperties` take them, or set
            as the member of the options that is named. One set of properties may configure all three; a name that means nothing is an
            error that names the nearest one that does. `KafkaProperties.Normalize` takes names as `appsettings.json` and environment
            variables spell them.

            """).AppendLine();
        foreach (var (options, properties) in PropertyTables.All)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"## {options.Name}").AppendLine();
            text.AppendLine("| property | member | values | meaning, default and range |").AppendLine("|---|---|---|---|");
            foreach (var (name, expected, others) in properties.OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                var (member, meaning) = Find(comments, options, name);
                var names = string.Join(", ", others.Prepend(name).Select(n => $"`{n}`"));
                text.AppendLine(CultureInfo.InvariantCulture, $"| {names} | {member} | {expected} | {meaning} |");
            }

            text.AppendLine();
        }

        return text.ToString().TrimEnd() + "\n";
    }

    // The member whose value says that it is this property.
    private static (string Member, string Meaning) Find(XElement[] comments, Type options, string name)
    {
        var prefix = $"P:{options.FullName}.";
        var found = comments.FirstOrDefault(c => ((string)c.Attribute("name")!).StartsWith(prefix, StringComparison.Ordinal)
            && c.Element("value")?.Descendants("c").Any(n => n.Value == name) == true);
        if (found is null && name == "security.protocol")
            return ("", "How connections are secured.");
        if (found is null && name.StartsWith("compression.", StringComparison.Ordinal))
            found = comments.First(c => (string)c.Attribute("name")! == prefix + nameof(ProducerOptions.CompressionLevel));
        Assert.True(found is not null, $"No member of {options.Name} says in its <value> that it is <c>{name}</c>.");
        var member = ((string)found.Attribute("name")!)[prefix.Length..];
        return ($"`{member}`", Text(found.Element("summary")!) + " " + Own().Replace(Text(found.Element("value")!), ""));
    }

    private static string Text(XElement element)
    {
        var text = string.Concat(element.Nodes().Select(node => node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement see when see.Attribute("cref") is { } cref => $"`{cref.Value[(cref.Value.LastIndexOf('.') + 1)..]}`",
            XElement other => other.Value,
            _ => "",
        }));
        return Space().Replace(text, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Caudal.slnx")))
            directory = directory.Parent;
        return directory?.FullName ?? Repository();
    }

    // Artifacts may lie outside: the sources know where they are.
    private static string Repository([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));

    [GeneratedRegex(@"^(Kafka's|librdkafka's) `[^`]*`\. ")]
    private static partial Regex Own();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
