using System.Collections.Generic;
using System.Linq;

namespace Caudal.Protocol.Generator;

/// <summary>Ties the fields of a message to its structs and checks what needs the whole message.</summary>
internal sealed class StructBinder
{
    private readonly MessageModel _message;
    private readonly List<SchemaError> _problems;
    private readonly Dictionary<string, StructModel> _shared = [];
    private readonly List<StructModel> _found = [];
    private readonly Dictionary<StructModel, int> _users = [];

    private StructBinder(MessageModel message, List<SchemaError> problems)
    {
        _message = message;
        _problems = problems;
    }

    /// <summary>Binds a message that has just been parsed; mistakes go to the list.</summary>
    public static void Bind(MessageModel message, List<SchemaError> problems) => new StructBinder(message, problems).Run();

    private void Run()
    {
        if (_message.Fields.Count == 0 && _message.Structs.Count > 0)
            Report("KAFKA017", _message.Line, "has structs but no fields.");
        foreach (var s in _message.Structs)
        {
            if (_shared.ContainsKey(s.Name))
                Report("KAFKA024", s.Line, $"the struct {s.Name} is defined twice.");
            _shared[s.Name] = s;
        }

        foreach (var s in _message.Structs)
            BindFields(s.Fields, s.Name, s.Name, VersionRange.All, tagged: false);
        BindFields(_message.Fields, "", _message.Name, _message.Versions, tagged: false);
        foreach (var s in _message.Structs.Where(s => !_users.ContainsKey(s)))
            Report("KAFKA027", s.Line, $"no field has the struct {s.Name}: delete it.");
        _message.Structs.AddRange(_found);
        foreach (var s in _message.Structs)
            CheckStruct(s);
    }

    private void CheckStruct(StructModel s)
    {
        if (s.Fields.Count == 0)
            Report("KAFKA018", s.Line, $"the struct {s.Name} has no fields: indent them below it, or define 'struct {s.Name}'.");
        if (_message.Fields.Any(f => f.Name == s.Name))
            Report("KAFKA019", s.Line, $"{s.Name} is the name of a field and of a struct: rename the struct.");
        if (DependsOn(s, s, []))
            Report("KAFKA020", s.Line, $"the struct {s.Name} contains itself, so nesting would have no bound.");
        var versions = _message.Versions.Intersect(s.Versions);
        foreach (var f in s.Fields.Where(f => versions.Intersect(f.Versions).IsEmpty))
            Report("KAFKA023", f.Line, $"none of the versions of {f.Name} ({f.Versions}) is one of those that have {s.Name} ({versions}).");
    }

    private void BindFields(List<FieldModel> fields, string path, string owner, VersionRange outer, bool tagged)
    {
        var tags = new HashSet<int>();
        foreach (var field in fields)
        {
            CheckField(field, owner, outer, tags, tagged);
            if (field.Struct is not null)
                BindStruct(field, path.Length == 0 ? field.Name : path + "." + field.Name, outer, tagged || field.Tag >= 0);
        }
    }

    private void CheckField(FieldModel field, string owner, VersionRange outer, HashSet<int> tags, bool tagged)
    {
        var versions = _message.Versions.Intersect(field.Versions);
        if (field.Tag >= 0 && !tags.Add(field.Tag))
            Report("KAFKA021", field.Line, $"the tag {field.Tag} of {field.Name} is taken already.");
        if (field.Tag >= 0 && !_message.Flexible.Covers(versions.Intersect(outer)))
            Report("KAFKA022", field.Line, $"{field.Name} has a tag, and tags exist only in flexible versions ({_message.Flexible}).");
        if (versions.IsEmpty && owner == _message.Name)
        {
            Report(
                "KAFKA023",
                field.Line,
                $"none of the versions of {field.Name} ({field.Versions}) is one of the message's ({_message.Versions}).");
        }

        if (!versions.IsEmpty && field.IsNullable && field.Nullable.Intersect(versions).IsEmpty)
            Report("KAFKA028", field.Line, $"{field.Name} is nullable in versions {field.Nullable}, but exists in {field.Versions}.");
        if (field.Type == "records" && (tagged || field.Tag >= 0))
        {
            Report(
                "KAFKA025",
                field.Line,
                $"{field.Name} holds records inside a tagged field: large batches are linked into the frame, which tags cannot hold.");
        }

        if (field.Name == owner)
            Report("KAFKA019", field.Line, $"{field.Name} is the name of a field and of the struct around it: rename the struct.");
    }

    private void BindStruct(FieldModel field, string path, VersionRange outer, bool tagged)
    {
        var structure = field.Struct!;
        if (structure.Fields.Count == 0 && Known(structure.Name) is { } known)
        {
            field.Struct = known;
            _users[known] = _users.TryGetValue(known, out var n) ? n + 1 : 1;
            known.Path = _users[known] == 1 && _shared.ContainsKey(known.Name) ? path : known.Name;
            Widen(known, []);
            return;
        }

        if (Known(structure.Name) is not null)
            Report("KAFKA024", field.Line, $"the struct {structure.Name} is defined twice.");
        structure.Path = path;
        structure.Versions = outer.Intersect(field.Versions);
        _found.Add(structure);
        BindFields(structure.Fields, path, structure.Name, structure.Versions, tagged);
    }

    private StructModel? Known(string name) => _shared.TryGetValue(name, out var known) ? known : _found.Find(s => s.Name == name);

    /// <summary>A struct in several places must work in the versions of all of them.</summary>
    private static void Widen(StructModel structure, HashSet<StructModel> seen)
    {
        if (!seen.Add(structure))
            return;
        structure.Versions = VersionRange.All;
        foreach (var field in structure.Fields)
        {
            if (field.Struct is { } inner)
                Widen(inner, seen);
        }
    }

    private static bool DependsOn(StructModel from, StructModel target, HashSet<StructModel> seen) =>
        from.Fields.Any(f => f.Struct is { } inner && (inner == target || (seen.Add(inner) && DependsOn(inner, target, seen))));

    private void Report(string id, int line, string what) => _problems.Add(new SchemaError(id, line, $"{_message.Name}: {what}"));
}
