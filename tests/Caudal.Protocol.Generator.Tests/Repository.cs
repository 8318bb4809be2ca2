using System.Reflection;

namespace Caudal.Protocol.Generator.Tests;

/// <summary>Where the tree of sources lies, wherever the tests run from.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "RepositoryRoot").Value!);

    public static string Schemas { get; } = Path.Combine(Root, "schemas");

    /// <summary>The folder of this test project.</summary>
    public static string Tests { get; } = Path.Combine(Root, "tests", "Caudal.Protocol.Generator.Tests");

    /// <summary>All schemas, parsed, in the order of their file names.</summary>
    public static IEnumerable<(string File, SchemaFile Schema)> Parse() =>
        Directory.GetFiles(Schemas, "*.kafka").Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file), SchemaParser.Parse(File.ReadAllText(file))));
}
