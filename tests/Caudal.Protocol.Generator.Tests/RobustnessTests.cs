using Microsoft.CodeAnalysis.CSharp;

namespace Caudal.Protocol.Generator.Tests;

/// <summary>Half-written schemas, as an editor sees them, end in diagnostics or in C#, never in an exception.</summary>
public sealed class RobustnessTests
{
    private static readonly string[] Words =
    [
        "", "api", "request", "response", "header", "data", "errors", "struct", "struct Topic",
        "Topics:", "[Topic]", "Topic", "[int32]", "records", "bytes",
        "= null", "= 1", "= \"a\"", "nullable", "nullable v3+", "tag 0", "tag 1", "v1+", "v2-3", "v9",
        "ignorable", "inflexible", "//", "|", "12", "-1", "  ", "    ",
    ];

    [Fact]
    public void Damaged_schemas_never_throw_and_what_is_emitted_parses()
    {
        var cancel = TestContext.Current.CancellationToken;
        var texts = Directory.GetFiles(Repository.Schemas, "*.kafka").Order(StringComparer.Ordinal)
            .Where(f => new FileInfo(f).Length < 5_000)
            .Select(File.ReadAllText).ToList();
        var random = new Random(4);
        var (good, bad) = (0, 0);
        for (var round = 0; round < 1_000; round++)
        {
            var text = Damage(texts[random.Next(texts.Count)], random);
            var schema = SchemaParser.Parse(text);
            if (schema.Problems.Count > 0)
            {
                bad++;
                Assert.All(schema.Problems, p => Assert.InRange(p.Line, 0, text.Split('\n').Length - 1));
                continue;
            }

            good++;
            var code = schema.Messages.Count > 0 ? MessageEmitter.Emit(schema) : TableEmitter.EmitErrors(schema.Errors);
            var faults = CSharpSyntaxTree.ParseText(code, cancellationToken: cancel).GetDiagnostics(cancel);
            Assert.True(!faults.Any(), $"Round {round}: {string.Join("; ", faults)} from\n{text}");
        }

        Assert.True(good > 60 && bad > 300, $"{good} good, {bad} bad: the damage is not mixed well");
    }

    private static string Damage(string text, Random random)
    {
        var lines = text.Split('\n').ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(lines.Count);
            switch (random.Next(5))
            {
                case 0: lines.RemoveAt(at); break;
                case 1: lines.Insert(at, lines[random.Next(lines.Count)]); break;
                case 2: lines[at] = Reworded(lines[at], random, replace: true); break;
                case 3: lines[at] = Reworded(lines[at], random, replace: false); break;
                default: lines[at] = lines[at][..random.Next(lines[at].Length + 1)]; break;
            }

            if (lines.Count == 0)
                lines.Add("");
        }

        return string.Join('\n', lines);
    }

    private static string Reworded(string line, Random random, bool replace)
    {
        var words = line.Split(' ').ToList();
        var at = random.Next(words.Count);
        if (replace)
            words.RemoveAt(at);
        words.Insert(at, Words[random.Next(Words.Length)]);
        return string.Join(' ', words);
    }
}
