using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Caudal.Protocol.Generator.Tests;

/// <summary>A mistake in a schema is an error of the build at its line.</summary>
public sealed class MistakeTests
{
    private const string Api = "api 12 Heartbeat versions 0-4 flexible 4+\nrequest\n";

    /// <summary>The diagnostic, its line from 1, a part of what it says, and the schema.</summary>
    public static TheoryData<string, int, string, string> Mistakes => new()
    {
        { "KAFKA001", 1, "holds no message", "// Nothing but a comment.\n" },
        { "KAFKA002", 3, "tab", Api + "\tGroupId: string\n" },
        { "KAFKA003", 3, "indent of 3", Api + "   GroupId: string\n" },
        { "KAFKA003", 4, "4 spaces where 2 are expected", Api + "  GroupId: string\n    MemberId: string\n" },
        { "KAFKA004", 3, "'answer' begins nothing", Api + "answer\n" },
        { "KAFKA005", 1, "api KEY NAME", "api 12 Heartbeat\n" },
        { "KAFKA005", 1, "api KEY NAME", "api twelve Heartbeat versions 0-4\n" },
        { "KAFKA005", 1, "api KEY NAME", "api 12 Heartbeat versions 0+\n" },
        { "KAFKA005", 1, "api KEY NAME", "api 12 Heartbeat versions 0-4 flexible 2-3\n" },
        { "KAFKA005", 1, "header NAME", "header RequestHeader\n" },
        { "KAFKA006", 1, "behind an 'api' line", "request\n  GroupId: string\n" },
        { "KAFKA007", 3, "defined twice", Api + "request\n" },
        { "KAFKA008", 2, "outside a message", "api 12 Heartbeat versions 0-4\n  GroupId: string\n" },
        { "KAFKA009", 4, "GroupId is there already", Api + "  GroupId: string\n  GroupId: int32\n" },
        { "KAFKA010", 2, "retriable|final", "errors\n  1 OFFSET_OUT_OF_RANGE perhaps The offset is gone. | Seek.\n" },
        { "KAFKA010", 2, "retriable|final", "errors\n  1 OFFSET_OUT_OF_RANGE final The offset is gone.\n" },
        { "KAFKA010", 2, "retriable|final", "errors\n  1 out-of-range final The offset is gone. | Seek.\n" },
        { "KAFKA011", 3, "there already", "errors\n  1 ONE final One. | Nothing.\n  1 TWO final Two. | Nothing.\n" },
        { "KAFKA012", 3, "Name: type", Api + "  GroupId string\n" },
        { "KAFKA012", 3, "capital letter", Api + "  groupId: string\n" },
        { "KAFKA012", 3, "has no type", Api + "  GroupId:\n" },
        { "KAFKA013", 3, "'text' is no type", Api + "  GroupId: text\n" },
        { "KAFKA013", 3, "is no type", Api + "  GroupId: [[int32]]\n" },
        { "KAFKA014", 3, "'optional' of GroupId is not understood", Api + "  GroupId: string optional\n" },
        { "KAFKA014", 3, "'tag' of GroupId is not understood", Api + "  GroupId: string v4+ tag first\n" },
        { "KAFKA014", 3, "'v4-3' of GroupId is not understood", Api + "  GroupId: string v4-3\n" },
        { "KAFKA015", 3, "int32 cannot be null", Api + "  Generation: int32 nullable\n" },
        { "KAFKA016", 3, "the default 300 does not fit int8", Api + "  Kind: int8 = 300\n" },
        { "KAFKA016", 3, "the default null does not fit string, which is not nullable", Api + "  GroupId: string = null\n" },
        { "KAFKA016", 3, "does not fit bool", Api + "  Flag: bool = 1\n" },
        { "KAFKA017", 2, "has structs but no fields", Api + "  struct Topic\n    Name: string\n" },
        { "KAFKA018", 3, "the struct Topic has no fields", Api + "  Topics: [Topic]\n" },
        { "KAFKA019", 3, "a field and of a struct", Api + "  Topic: Topic\n    Name: string\n" },
        { "KAFKA019", 4, "the struct around it", Api + "  Topics: [Topic]\n    Topic: string\n" },
        { "KAFKA020", 3, "contains itself", Api + "  struct Node\n    Children: [Node]\n  Root: [Node]\n" },
        { "KAFKA021", 4, "tag 0 of MemberId is taken", Api + "  GroupId: string v4+ tag 0\n  MemberId: string v4+ tag 0\n" },
        { "KAFKA022", 3, "only in flexible versions (4+)", Api + "  GroupId: string v3+ tag 0\n" },
        { "KAFKA023", 3, "none of the versions of GroupId (5+)", Api + "  GroupId: string v5+\n" },
        { "KAFKA023", 4, "is one of those that have Topic (0-2)", Api + "  Topics: [Topic] v0-2\n    Name: string v3+\n" },
        { "KAFKA024", 5, "Topic is defined twice", Api + "  Topics: [Topic]\n    Name: string\n  Others: [Topic]\n    Name: string\n" },
        {
            "KAFKA024", 5, "Topic is defined twice",
            Api + "  struct Topic\n    Id: uuid\n  struct Topic\n    Id: uuid\n  Topics: [Topic]\n"
        },
        { "KAFKA025", 4, "records inside a tagged field", Api + "  Part: PartData v4+ tag 0\n    Batch: records\n" },
        { "KAFKA026", 1, "'request-header' is no name", "header request-header versions 1-2\n  Key: int16\n" },
        { "KAFKA026", 3, "'topic' is no name", Api + "  struct topic\n    Name: string\n" },
        { "KAFKA027", 4, "no field has the struct Topic", Api + "  GroupId: string\n  struct Topic\n    Name: string\n" },
        { "KAFKA028", 3, "nullable in versions 0-2, but exists in 3+", Api + "  GroupId: string v3+ nullable v0-2\n" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_an_error_at_its_line(string id, int line, string says, string text)
    {
        var found = Assert.Single(GeneratorRun.Diagnostics(text), d => d.Id == id);
        Assert.Equal(DiagnosticSeverity.Error, found.Severity);
        Assert.Contains(says, found.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var place = found.Location.GetLineSpan();
        Assert.Equal("schema.kafka", place.Path);
        Assert.Equal(line, place.StartLinePosition.Line + 1);
    }

    [Fact]
    public void All_mistakes_of_a_file_are_told_at_once()
    {
        var found = GeneratorRun.Diagnostics(Api + "  groupId: string\n  MemberId: text\n  Generation: int32 nullable\n");
        Assert.Equal(["KAFKA012", "KAFKA013", "KAFKA015"], found.Select(d => d.Id).Order());
    }

    [Fact]
    public void A_mistake_in_one_file_leaves_the_others_alone()
    {
        var result = GeneratorRun.Driver(
            new SchemaText("bad.kafka", Api + "  GroupId: text\n"),
            new SchemaText("good.kafka", "api 13 LeaveGroup versions 0-5\nrequest\n  GroupId: string\n")).Run().Result();
        Assert.Single(result.Diagnostics);
        Assert.Equal(["KafkaApis.g.cs", "good.g.cs"], result.GeneratedSources.Select(s => s.HintName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Files_that_are_no_schemas_are_not_read()
    {
        var result = GeneratorRun.Driver(new SchemaText("notes.txt", "not a schema")).Run().Result();
        Assert.Empty(result.Diagnostics);
    }
}
