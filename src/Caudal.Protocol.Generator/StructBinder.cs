using System.Collections.Generic;
using System.Linq;

namespace Caudal.Protocol.Generator;

/// <summary>Ties the fields of a message to its structs and checks what needs the whole message.</summary>
internal static class StructBinder
{
    public static void Bind(MessageModel message, List<SchemaError> problems)
    {
        if (message.Fields.Count == 0 && message.Structs.Count > 0)
            problems.Add(new SchemaError("KAFKA017", message.Line, $"{message.Name} has structs but no fields."));
        var shared = message.Structs.ToDictionary(s => s.Name);
        var found = new List<StructModel>();
        var users = new Dictionary<StructModel, int>();
        foreach (var s in message.Structs)
            BindFields(message, s.Fields, s.Name, VersionRange.All, shared, found, users, problems);
        BindFields(message, message.Fields, "", message.Versions, shared, found, users, problems);
        message.Structs.AddRange(found);
        foreach (var s in message.Structs)
        {
            if (s.Fields.Count == 0)
                problems.Add(new SchemaError("KAFKA018", message.Line, $"{message.Name}: the struct {s.Name} has no fields: indent them below it, or define 'struct {s.Name}'."));
            if (message.Fields.Any(f => f.Name == s.Name))
                problems.Add(new SchemaError("KAFKA019", message.Line, $"{message.Name}: {s.Name} is the name of a field and of a struct: rename the struct."));
            if (shared.ContainsKey(s.Name) && DependsOn(s, s, []))
                problems.Add(new SchemaError("KAFKA020", message.Line, $"{message.Name}: the struct {s.Name} contains itself, so nesting would have no bound."));
        }
    }

    private static void BindFields(
        MessageModel message,
        List<FieldModel> fields,
        string path,
        VersionRange outer,
        Dictionary<string, StructModel> shared,
        List<StructModel> found,
        Dictionary<StructModel, int> users,
        List<SchemaError> problems)
    {
        var tags = new HashSet<int>();
        foreach (var field in fields)
        {
            if (field.Tag >= 0 && !tags.Add(field.Tag))
                problems.Add(new SchemaError("KAFKA021", field.Line, $"{field.Name}: the tag {field.Tag} is taken already."));
            if (field.Tag >= 0 && !message.Flexible.Covers(field.Versions.Intersect(message.Versions)))
                problems.Add(new SchemaError("KAFKA022", field.Line, $"{field.Name}: tags exist only in flexible versions ({message.Flexible})."));
            if (message.Versions.Intersect(field.Versions).IsEmpty)
                problems.Add(new SchemaError("KAFKA023", field.Line, $"{field.Name}: none of its versions ({field.Versions}) is one of {message.Name}'s ({message.Versions})."));
            if (field.Struct is not { } structure)
                continue;
            var fieldPath = path.Length == 0 ? field.Name : path + "." + field.Name;
            if (structure.Fields.Count == 0 && (shared.TryGetValue(structure.Name, out var known) || (known = found.Find(s => s.Name == structure.Name)) is not null))
            {
                field.Struct = structure = known;
                users[structure] = users.TryGetValue(structure, out var n) ? n + 1 : 1;
                structure.Path = users[structure] == 1 && shared.ContainsKey(structure.Name) ? fieldPath : structure.Name;
                continue;
            }

            if (found.Any(s => s.Name == structure.Name) || shared.ContainsKey(structure.Name))
                problems.Add(new SchemaError("KAFKA024", field.Line, $"{message.Name}: the struct {structure.Name} is defined twice."));
            structure.Path = fieldPath;
            structure.Versions = outer.Intersect(field.Versions);
            found.Add(structure);
            BindFields(message, structure.Fields, fieldPath, structure.Versions, shared, found, users, problems);
        }
    }

    private static bool DependsOn(StructModel from, StructModel target, HashSet<StructModel> seen) =>
        from.Fields.Any(f => f.Struct is { } inner && (inner == target || (seen.Add(inner) && DependsOn(inner, target, seen))));
}
