using System;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Caudal.Protocol.Generator;

/// <summary>The Roslyn end of the generator: schemas in, C# and diagnostics out.</summary>
[Generator]
public sealed class KafkaMessageGenerator : IIncrementalGenerator
{
    /// <summary>
    /// The name of the step that holds the text of one schema: nothing behind it runs again while the text stays the same.
    /// </summary>
    public const string SchemasStep = "Schemas";

    /// <summary>The name of the step that lists the requests of all schemas.</summary>
    public const string RequestsStep = "Requests";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var files = context.AdditionalTextsProvider
            .Where(file => file.Path.EndsWith(".kafka", StringComparison.OrdinalIgnoreCase))
            .Select((file, cancel) => (file.Path, Text: file.GetText(cancel)?.ToString() ?? ""))
            .WithTrackingName(SchemasStep);
        context.RegisterSourceOutput(files, (output, file) => Generate(output, file.Path, file.Text));
        var requests = files
            .SelectMany((file, _) => SchemaParser.Parse(file.Text).Messages
                .Where(m => m.Kind == MessageKind.Request)
                .Select(m => (m.ApiKey, m.Name.Substring(0, m.Name.Length - "Request".Length), m.Versions, m.Flexible)))
            .Collect()
            .WithTrackingName(RequestsStep);
        context.RegisterSourceOutput(requests, (output, apis) => output.AddSource("KafkaApis.g.cs", TableEmitter.EmitApis(apis)));
    }

    private static void Generate(SourceProductionContext output, string path, string text)
    {
        var schema = SchemaParser.Parse(text);
        foreach (var problem in schema.Problems)
            output.ReportDiagnostic(ToDiagnostic(problem, path, text));
        if (schema.Problems.Count > 0)
            return;
        var name = Path.GetFileNameWithoutExtension(path);
        if (schema.Messages.Count > 0)
            output.AddSource($"{name}.g.cs", MessageEmitter.Emit(schema));
        if (schema.Errors.Count > 0)
            output.AddSource("ErrorCode.g.cs", TableEmitter.EmitErrors(schema.Errors));
    }

    private static Diagnostic ToDiagnostic(SchemaError problem, string path, string text)
    {
        var descriptor = new DiagnosticDescriptor(
            problem.Id, "A mistake in a schema", "{0}", "Caudal.Protocol", DiagnosticSeverity.Error, isEnabledByDefault: true);
        var line = SourceText.From(text).Lines[problem.Line];
        var span = new LinePositionSpan(new LinePosition(problem.Line, 0), new LinePosition(problem.Line, line.End - line.Start));
        return Diagnostic.Create(descriptor, Location.Create(path, line.Span, span), problem.Message);
    }
}
