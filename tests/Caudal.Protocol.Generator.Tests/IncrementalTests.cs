using Microsoft.CodeAnalysis;

namespace Caudal.Protocol.Generator.Tests;

/// <summary>Editing one schema, or the code beside them, does not emit the others anew.</summary>
public sealed class IncrementalTests
{
    private static readonly SchemaText Heartbeat = new("12_heartbeat.kafka", "api 12 Heartbeat versions 0-4\nrequest\n  GroupId: string\n");
    private static readonly SchemaText Leave = new("13_leave_group.kafka", "api 13 LeaveGroup versions 0-5\nrequest\n  GroupId: string\n");

    [Fact]
    public void A_file_that_did_not_change_is_cached()
    {
        var changed = new SchemaText(Leave.Path, "api 13 LeaveGroup versions 0-5\nrequest\n  GroupId: string  // The group.\n");
        var result = GeneratorRun.Driver(Heartbeat, Leave).Run().ReplaceAdditionalText(Leave, changed).Run().Result();
        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified], Reasons(result, Heartbeat, changed));
        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified], Outputs(result));
        // A comment is no part of the table of APIs.
        var table = Assert.Single(result.TrackedSteps[KafkaMessageGenerator.RequestsStep]);
        Assert.Equal(IncrementalStepRunReason.Cached, table.Outputs.Single().Reason);
    }

    [Fact]
    public void A_file_that_was_saved_without_a_change_is_cached()
    {
        var saved = new SchemaText(Leave.Path, Leave.GetText(TestContext.Current.CancellationToken).ToString());
        var result = GeneratorRun.Driver(Heartbeat, Leave).Run().ReplaceAdditionalText(Leave, saved).Run().Result();
        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Cached], Outputs(result));
    }

    [Fact]
    public void Versions_that_change_change_the_table_of_apis()
    {
        var changed = new SchemaText(Leave.Path, "api 13 LeaveGroup versions 0-6\nrequest\n  GroupId: string\n");
        var driver = GeneratorRun.Driver(Heartbeat, Leave).Run();
        var before = Table(driver);
        var after = Table(driver.ReplaceAdditionalText(Leave, changed).Run());
        Assert.Contains("new(ApiKey.LeaveGroup, 0, 5, short.MaxValue)", before, StringComparison.Ordinal);
        Assert.Contains("new(ApiKey.LeaveGroup, 0, 6, short.MaxValue)", after, StringComparison.Ordinal);
    }

    private static string Table(GeneratorDriver driver) =>
        driver.Result().GeneratedSources.Single(s => s.HintName == "KafkaApis.g.cs").SourceText.ToString();

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, params AdditionalText[] files)
    {
        var outputs = result.TrackedSteps[KafkaMessageGenerator.SchemasStep].SelectMany(step => step.Outputs).ToList();
        return files.Select(file => outputs.Single(o => (((string Path, string Text))o.Value).Text == file.GetText()!.ToString()).Reason);
    }

    /// <summary>The outputs that stand for one schema each, in the order of the files.</summary>
    private static IEnumerable<IncrementalStepRunReason> Outputs(GeneratorRunResult result) =>
        result.TrackedOutputSteps.SelectMany(outputs => outputs.Value)
            .Where(step => step.Inputs.Any(input => input.Source.Name == KafkaMessageGenerator.SchemasStep))
            .SelectMany(step => step.Outputs).Select(o => o.Reason);
}
