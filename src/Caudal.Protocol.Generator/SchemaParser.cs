using System;
using System.Collections.Generic;
using System.Linq;

namespace Caudal.Protocol.Generator;

/// <summary>Reads the text of a schema: one file an API key, request and response together.</summary>
/// <remarks>
/// <code>
/// // What the API is for.
/// api 1 Fetch versions 4-18 flexible 12+
/// request
///   MaxWaitMs: int32                   // What the field is for.
///   Topics: [FetchTopic]
///     Topic: string v4-12
///   RackId: string = "" v11+ ignorable
/// response
///   …
/// </code>
/// Attributes of a field: <c>v4-12</c> (versions), <c>= value</c> (default), <c>nullable</c> or <c>nullable v8+</c>, <c>tag 1</c>,
/// <c>ignorable</c>, <c>inflexible</c>. Other messages begin with <c>header NAME</c> or <c>data NAME [type N]</c>. A struct that several
/// fields share is written once as <c>struct NAME</c>. Error tables begin with <c>errors</c>.
/// </remarks>
public sealed class SchemaParser
{
    private readonly SchemaFile _file = new();
    private readonly FieldParser _fields;
    private readonly List<string> _comments = [];
    private readonly Stack<(int Indent, List<FieldModel> Fields)> _scopes = new();
    private MessageModel? _message;
    private (string Name, int Key, VersionRange Versions, VersionRange Flexible, string Comment)? _api;
    private bool _inErrors;

    private SchemaParser() => _fields = new FieldParser(_file.Problems);

    /// <summary>Parses a whole file; mistakes are collected, not thrown.</summary>
    public static SchemaFile Parse(string text)
    {
        var parser = new SchemaParser();
        var lines = text.Replace("\r\n", "\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
            parser.ParseLine(lines[i], i);
        if (parser._file.Messages.Count == 0 && parser._file.Errors.Count == 0 && parser._file.Problems.Count == 0)
        {
            parser.Report(
                "KAFKA001", 0, "The file holds no message: begin with 'api KEY NAME versions A-B', 'header', 'data' or 'errors'.");
        }

        foreach (var message in parser._file.Messages)
            StructBinder.Bind(message, parser._file.Problems);
        return parser._file;
    }

    private void ParseLine(string line, int number)
    {
        if (line.IndexOf('\t') >= 0)
        {
            Report("KAFKA002", number, "A tab: indent with two spaces a level.");
            return;
        }

        var text = line.Trim();
        if (text.Length == 0)
        {
            _comments.Clear();
            return;
        }

        if (text.StartsWith("//", StringComparison.Ordinal))
        {
            _comments.Add(text.Substring(2).Trim());
            return;
        }

        var indent = line.Length - line.TrimStart(' ').Length;
        if (indent % 2 != 0)
            Report("KAFKA003", number, $"An indent of {indent} spaces: indent with two spaces a level.");
        else if (indent == 0)
            ParseTop(text, number);
        else if (_inErrors)
            ParseError(text, number);
        else
            ParseMember(text, indent, number);
        _comments.Clear();
    }

    private void ParseTop(string text, int number)
    {
        var words = text.Split([' '], StringSplitOptions.RemoveEmptyEntries);
        _inErrors = false;
        switch (words[0])
        {
            case "api":
                ParseApi(words, number);
                break;
            case "request":
            case "response":
                ParseDirection(words, number);
                break;
            case "header":
            case "data":
                ParseData(words, number);
                break;
            case "errors":
                _inErrors = true;
                break;
            default:
                Report("KAFKA004", number, $"'{words[0]}' begins nothing: expected api, request, response, header, data or errors.");
                break;
        }
    }

    private void ParseApi(string[] words, int number)
    {
        _message = null;
        if (words.Length < 5 || !int.TryParse(words[1], out var key) || key < 0
            || !TryVersions(words, 3, out var versions, out var flexible))
        {
            Report("KAFKA005", number, "Expected 'api KEY NAME versions A-B [flexible C+]'.");
            return;
        }

        _api = (words[2], key, versions, flexible, Comment());
    }

    private void ParseDirection(string[] words, int number)
    {
        if (_api is not { } api || words.Length != 1)
        {
            Report("KAFKA006", number, $"'{words[0]}' stands alone on its line, behind an 'api' line.");
            _message = null;
            return;
        }

        var request = words[0] == "request";
        Begin(new MessageModel
        {
            Name = api.Name + (request ? "Request" : "Response"),
            Kind = request ? MessageKind.Request : MessageKind.Response,
            ApiKey = api.Key,
            Versions = api.Versions,
            Flexible = api.Flexible,
            Comment = Comment() is { Length: > 0 } own ? own : api.Comment,
            Line = number,
        });
    }

    private void ParseData(string[] words, int number)
    {
        var at = 2;
        var type = -1;
        if (words.Length > 3 && words[2] == "type")
        {
            at = 4;
            if (!int.TryParse(words[3], out type))
                type = -1;
        }

        if (words.Length < at + 2 || !TryVersions(words, at, out var versions, out var flexible))
        {
            _message = null;
            Report("KAFKA005", number, $"Expected '{words[0]} NAME [type N] versions A-B [flexible C+]'.");
            return;
        }

        Begin(new MessageModel
        {
            Name = words[1],
            Kind = words[0] == "header" ? MessageKind.Header : MessageKind.Data,
            ApiKey = type,
            Versions = versions,
            Flexible = flexible,
            Comment = Comment(),
            Line = number,
        });
    }

    private static bool TryVersions(string[] words, int at, out VersionRange versions, out VersionRange flexible)
    {
        flexible = VersionRange.None;
        versions = default;
        if (words[at] != "versions" || words.Length <= at + 1 || !VersionRange.TryParse(words[at + 1], out versions)
            || versions.Max == VersionRange.Open)
        {
            return false;
        }

        if (words.Length == at + 2)
            return true;
        return words.Length == at + 4 && words[at + 2] == "flexible" && VersionRange.TryParse(words[at + 3], out flexible)
            && flexible.Max == VersionRange.Open;
    }

    private void Begin(MessageModel message)
    {
        if (!FieldParser.IsName(message.Name))
            Report("KAFKA026", message.Line, $"'{message.Name}' is no name: letters and digits, a capital letter first.");
        if (_file.Messages.Any(m => m.Name == message.Name))
            Report("KAFKA007", message.Line, $"{message.Name} is defined twice in this file.");
        _file.Messages.Add(message);
        _message = message;
        _scopes.Clear();
        _scopes.Push((2, message.Fields));
    }

    private void ParseMember(string text, int indent, int number)
    {
        if (_message is null)
        {
            Report("KAFKA008", number, "A field outside a message: it stands below 'request', 'response', 'header' or 'data'.");
            return;
        }

        while (_scopes.Count > 1 && _scopes.Peek().Indent > indent)
            _scopes.Pop();
        if (_scopes.Peek().Indent != indent)
        {
            Report(
                "KAFKA003",
                number,
                $"An indent of {indent} spaces where {_scopes.Peek().Indent} are expected: "
                + "only the fields of a struct are indented further.");
            return;
        }

        if (text.StartsWith("struct ", StringComparison.Ordinal))
        {
            var shared = new StructModel { Name = text.Substring(7).Trim(), Comment = Comment(), Line = number };
            if (!FieldParser.IsName(shared.Name))
                Report("KAFKA026", number, $"'{shared.Name}' is no name: letters and digits, a capital letter first.");
            _message.Structs.Add(shared);
            _scopes.Push((indent + 2, shared.Fields));
            return;
        }

        var field = _fields.Parse(text, Comment(), number);
        if (field is null)
            return;
        var siblings = _scopes.Peek().Fields;
        if (siblings.Any(f => f.Name == field.Name))
            Report("KAFKA009", number, $"The field {field.Name} is there already.");
        siblings.Add(field);
        if (FieldParser.IsPrimitive(field.Type))
            return;
        field.Struct = new StructModel { Name = field.Type, Comment = field.Comment, Line = number };
        _scopes.Push((indent + 2, field.Struct.Fields));
    }

    private void ParseError(string text, int number)
    {
        var head = text.Split([' '], 4, StringSplitOptions.RemoveEmptyEntries);
        var texts = head.Length == 4 ? head[3].Split(['|'], 2) : [];
        if (texts.Length != 2 || !short.TryParse(head[0], out var code) || head[2] is not ("retriable" or "final") || !IsErrorName(head[1]))
        {
            Report("KAFKA010", number, "Expected 'CODE NAME retriable|final meaning | what to do'.");
            return;
        }

        if (_file.Errors.Any(e => e.Code == code || e.Name == head[1]))
            Report("KAFKA011", number, $"The error {code} {head[1]} is there already.");
        _file.Errors.Add(new ErrorModel
        {
            Code = code,
            Name = head[1],
            Retriable = head[2] == "retriable",
            Meaning = texts[0].Trim(),
            Remedy = texts[1].Trim(),
        });
    }

    private static bool IsErrorName(string name) =>
        name[0] is >= 'A' and <= 'Z' && name.All(c => c is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_');

    private string Comment() => string.Join(" ", _comments);

    private void Report(string id, int line, string message) => _file.Problems.Add(new SchemaError(id, line, message));
}
