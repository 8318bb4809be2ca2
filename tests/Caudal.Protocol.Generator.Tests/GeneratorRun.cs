using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Caudal.Protocol.Generator.Tests;

/// <summary>Runs the real generator in the compiler's own driver.</summary>
internal static class GeneratorRun
{
    private static readonly CSharpCompilation Empty = CSharpCompilation.Create("Schemas");

    public static GeneratorDriver Driver(params AdditionalText[] files) => CSharpGeneratorDriver.Create(
        [new KafkaMessageGenerator().AsSourceGenerator()],
        [.. files],
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public static GeneratorDriver Run(this GeneratorDriver driver) => driver.RunGenerators(Empty, TestContext.Current.CancellationToken);

    public static GeneratorRunResult Result(this GeneratorDriver driver) => driver.GetRunResult().Results.Single();

    /// <summary>What one schema makes of it.</summary>
    public static GeneratorRunResult Of(string text) => Driver(new SchemaText("schema.kafka", text)).Run().Result();

    public static ImmutableArray<Diagnostic> Diagnostics(string text)
    {
        var result = Of(text);
        Assert.Null(result.Exception);
        return result.Diagnostics;
    }
}

/// <summary>A schema in memory.</summary>
internal sealed class SchemaText(string path, string text) : AdditionalText
{
    public override string Path => path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
}
