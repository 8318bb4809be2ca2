using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis.CSharp;

namespace Caudal.Protocol.Generator;

/// <summary>Emits the members that a message and a struct inside it have in common: properties, reading, writing.</summary>
internal sealed class StructEmitter(CodeWriter code, MessageModel message, VersionRange versions)
{
    /// <summary>The names that the emitted methods use themselves.</summary>
    private static readonly HashSet<string> Taken =
        ["version", "reader", "writer", "flexible", "result", "i", "tags", "end", "item", "tagCount", "mark"];

    /// <summary>The versions that may come by at the point of emission: everything narrower needs a test.</summary>
    private VersionRange _scope = versions;

    private readonly VersionRange _versions = versions;

    public void Properties(List<FieldModel> fields)
    {
        foreach (var field in fields)
        {
            if (FieldCode.IsMadeOnDemand(field))
            {
                OnDemand(field);
                continue;
            }

            code.Summary(Describe(field));
            code.Line($"public {FieldCode.ClrType(field)} {field.Name} {{ get; set; }}{FieldCode.Initializer(field)}");
            code.Line();
        }
    }

    public void ReadBody(List<FieldModel> fields, string path, string type)
    {
        var tagged = fields.Where(f => f.Tag >= 0).OrderBy(f => f.Tag).ToList();
        DeclareFlexible(fields);
        code.Line($"var result = new {type}();");
        var steps = fields.Where(f => f.Tag < 0).Select(f => (f.Versions, (Action)(() => ReadField(f, Join(path, f))))).ToList();
        if (HasFlexible)
            steps.Add((message.Flexible, () => ReadTags(tagged, path)));
        Guarded(steps);
        code.Line("return result;");
    }

    public void WriteBody(List<FieldModel> fields, string path)
    {
        var tagged = fields.Where(f => f.Tag >= 0).OrderBy(f => f.Tag).ToList();
        foreach (var field in fields)
            CheckField(field, Join(path, field));
        DeclareFlexible(fields);
        var steps = fields.Where(f => f.Tag < 0).Select(f => (f.Versions, (Action)(() => WriteField(f, f.Name)))).ToList();
        if (HasFlexible)
            steps.Add((message.Flexible, () => WriteTags(tagged)));
        Guarded(steps);
    }

    public void IsDefaultBody(List<FieldModel> fields) =>
        code.Line("internal bool IsDefault() => " + string.Join(" && ", fields.Select(FieldCode.IsDefault)) + ";");

    // Most of these are tagged and absent from most messages, of which there may be one a partition.
    private void OnDemand(FieldModel field)
    {
        var type = FieldCode.ClrType(field);
        var backing = FieldCode.Backing(field);
        code.Line($"private {type}? {backing};");
        code.Line();
        code.Summary(Describe(field));
        code.Open($"public {type} {field.Name}");
        code.Line($"get => {backing} ??= new();");
        code.Line($"set => {backing} = value;");
        code.Close();
        code.Line();
    }

    private static string Join(string path, FieldModel field) => path.Length == 0 ? field.Name : path + "." + field.Name;

    private string Describe(FieldModel field)
    {
        var text = field.Comment.Length > 0 ? field.Comment : "Kafka's field of this name.";
        if (!field.Versions.Covers(message.Versions))
            text += $" {Versions(field.Versions.Intersect(message.Versions))}.";
        if (!field.IsNullable)
            return text;
        var everywhere = field.Nullable.Covers(message.Versions.Intersect(field.Versions));
        return text + (everywhere ? " May be null." : $" May be null in {Versions(field.Nullable).ToLowerInvariant()}.");
    }

    private static string Versions(VersionRange range) => (range.Min == range.Max ? "Version " : "Versions ") + range;

    private void DeclareFlexible(List<FieldModel> fields)
    {
        if (fields.Any(f => NeedsFlexible(f) && Flexible(f) == "flexible"))
            code.Line($"var flexible = {Condition(message.Flexible)};");
    }

    private static bool NeedsFlexible(FieldModel field) => field.IsArray || field.Type is "string" or "bytes" or "records";

    private bool HasFlexible => !message.Flexible.Intersect(_versions).IsEmpty;

    /// <summary>
    /// Whether the field has compact lengths: known, or to be asked of the local that <see cref="DeclareFlexible"/> declares.
    /// </summary>
    private string Flexible(FieldModel field)
    {
        if (field.Tag >= 0)
            return "true";
        var inUse = _scope.Intersect(field.Versions);
        return field.Inflexible || message.Flexible.Intersect(inUse).IsEmpty ? "false"
            : message.Flexible.Covers(inUse) ? "true" : "flexible";
    }

    /// <summary>The test for a version in a range, empty when every version in scope passes.</summary>
    private string Condition(VersionRange range)
    {
        var low = range.Min > _scope.Min;
        var high = range.Max < _scope.Max;
        if (low && high)
            return range.Min == range.Max ? $"version == {range.Min}" : $"version is >= {range.Min} and <= {range.Max}";
        return low ? $"version >= {range.Min}" : high ? $"version <= {range.Max}" : "";
    }

    /// <summary>The test for a version outside a range, empty when no version in scope is.</summary>
    private string Negation(VersionRange range)
    {
        var low = range.Min > _scope.Min;
        var high = range.Max < _scope.Max;
        if (low && high)
            return range.Min == range.Max ? $"version != {range.Min}" : $"version is < {range.Min} or > {range.Max}";
        return low ? $"version < {range.Min}" : high ? $"version > {range.Max}" : "";
    }

    /// <summary>Emits steps in order; neighbours that exist in the same versions share one test.</summary>
    private void Guarded(List<(VersionRange Versions, Action Body)> steps)
    {
        var outer = _scope;
        for (var i = 0; i < steps.Count;)
        {
            var condition = Condition(steps[i].Versions);
            if (condition.Length > 0)
                code.Open($"if ({condition})");
            _scope = outer.Intersect(steps[i].Versions);
            do
                steps[i++].Body();
            while (i < steps.Count && condition.Length > 0 && outer.Intersect(steps[i].Versions) == _scope);
            _scope = outer;
            if (condition.Length > 0)
                code.Close();
        }
    }

    /// <summary>The test for a version in which the field may be null, empty when it may be in every version in scope.</summary>
    private string NullCondition(FieldModel field) =>
        field.Nullable.Covers(_scope.Intersect(field.Versions)) ? "" : Condition(field.Nullable);

    private void ReadField(FieldModel field, string path)
    {
        var target = "result." + field.Name;
        var flexible = Flexible(field);
        if (field.IsArray)
            ReadArray(field, path, target, flexible);
        else if (!field.IsNullable)
            code.Line($"{target} = {FieldCode.ReadElement(field, flexible, path, nullable: false)};");
        else if (field.Struct is not null)
        {
            var marker = NullCondition(field).Length == 0 ? "" : $"{Negation(field.Nullable)} || ";
            code.Line($"{target} = {marker}reader.ReadStructMarker(\"{path}\") ? {field.Type}.ReadFrom(ref reader, version) : null;");
        }
        else if (NullCondition(field).Length == 0)
            code.Line($"{target} = {FieldCode.ReadElement(field, flexible, path, nullable: true)};");
        else
        {
            code.Line($"{target} = {NullCondition(field)}");
            code.Inner($"? {FieldCode.ReadElement(field, flexible, path, nullable: true)}");
            code.Inner($": {FieldCode.ReadElement(field, flexible, path, nullable: false)};");
        }
    }

    private void ReadArray(FieldModel field, string path, string target, string flexible)
    {
        var size = Math.Max(1, Enumerable.Range(_versions.Min, _versions.Max - _versions.Min + 1)
            .Where(v => field.Versions.Contains(v))
            .Select(v => FieldCode.ElementMinSize(field, v, message.Flexible.Contains(v) && !field.Inflexible))
            .Min());
        var count = Local(field.Name) + "Count";
        var items = Local(field.Name);
        var nullable = field.IsNullable && NullCondition(field).Length == 0;
        var read = (bool n) => $"reader.Read{(n ? "Nullable" : "")}ArrayLength({flexible}, {size}, \"{path}\")";
        if (field.IsNullable && !nullable)
            code.Line($"var {count} = {NullCondition(field)} ? {read(true)} : {read(false)};");
        else
            code.Line($"var {count} = {read(nullable)};");
        if (field.IsNullable)
        {
            code.Open($"if ({count} < 0)");
            code.Line($"{target} = null;");
            code.Close();
            code.Open("else");
        }

        var grows = field.Struct is not null ? "Math.Min(" + count + ", MessageLimits.FirstAllocation)" : count;
        var element = FieldCode.ElementType(field);
        code.Line(element == "byte[]" ? $"var {items} = new byte[{grows}][];" : $"var {items} = new {element}[{grows}];");
        code.Open($"for (var i = 0; i < {count}; i++)");
        if (field.Struct is not null)
        {
            code.Line($"if (i == {items}.Length)");
            code.Inner($"MessageLimits.Grow(ref {items}, {count});");
        }

        code.Line($"{items}[i] = {FieldCode.ReadElement(field, flexible, path, nullable: false)};");
        code.Close();
        code.Line($"{target} = {items};");
        if (field.IsNullable)
            code.Close();
    }

    private void ReadTags(List<FieldModel> tagged, string path)
    {
        if (tagged.Count == 0)
        {
            code.Line("reader.SkipTags();");
            return;
        }

        code.Open("for (var tags = reader.ReadUnsignedVarint(\"tag count\"); tags > 0; tags--)");
        code.Open("switch (reader.ReadTag(out var end))");
        foreach (var field in tagged)
        {
            var condition = Condition(field.Versions.Intersect(message.Flexible));
            var outer = _scope;
            _scope = _scope.Intersect(field.Versions);
            code.Open($"case {field.Tag}{(condition.Length > 0 ? $" when {condition}" : "")}:");
            ReadField(field, Join(path, field));
            code.Line($"reader.EndTag(end, \"{Join(path, field)}\");");
            code.Line("break;");
            code.Close();
            _scope = outer;
        }

        code.Line("default:");
        code.Inner("reader.SkipTo(end);");
        code.Inner("break;");
        code.Close();
        code.Close();
    }

    private void CheckField(FieldModel field, string path)
    {
        var absent = Negation(field.Versions);
        if (!field.Ignorable && absent.Length > 0)
        {
            code.Line($"if ({absent} && {FieldCode.IsSet(field)})");
            code.Inner($"throw UnsupportedVersionException.ForField(\"{message.Name}\", version, \"{path}\", \"{field.Versions}\");");
        }

        if (!field.IsNullable || NullCondition(field).Length == 0)
            return;
        var present = Condition(field.Versions);
        code.Line($"if ({And(present, Negation(field.Nullable))} && {field.Name} is null)");
        code.Inner($"throw UnsupportedVersionException.ForField(\"{message.Name}\", version, \"null in {path}\", \"{field.Nullable}\");");
    }

    private void WriteField(FieldModel field, string value)
    {
        var flexible = Flexible(field);
        if (field.IsArray)
        {
            var items = Local(field.Name);
            if (field.IsNullable)
            {
                code.Open($"if ({value} is not {{ }} {items})");
                code.Line($"writer.WriteArrayLength(-1, {flexible});");
                code.Close();
                code.Open("else");
            }

            code.Line($"writer.WriteArrayLength({(field.IsNullable ? items : value)}.Length, {flexible});");
            code.Line($"foreach (var item in {(field.IsNullable ? items : value)})");
            code.Inner(FieldCode.WriteElement(field, "item", flexible));
            if (field.IsNullable)
                code.Close();
        }
        else if (field.Struct is not null && field.IsNullable)
        {
            code.Line($"writer.WriteInt8({value} is null ? (sbyte)-1 : (sbyte)1);");
            code.Line($"{value}?.WriteTo(ref writer, version);");
        }
        else
        {
            code.Line(FieldCode.WriteElement(field, value, flexible));
        }
    }

    private void WriteTags(List<FieldModel> tagged)
    {
        if (tagged.Count == 0)
        {
            code.Line("writer.WriteUnsignedVarint(0);");
            return;
        }

        code.Line("var tagCount = 0u;");
        foreach (var field in tagged)
        {
            code.Line($"var has{field.Name} = {And(Condition(field.Versions.Intersect(message.Flexible)), FieldCode.IsSet(field))};");
            code.Line($"tagCount += has{field.Name} ? 1u : 0u;");
        }

        code.Line("writer.WriteUnsignedVarint(tagCount);");
        foreach (var field in tagged)
        {
            code.Open($"if (has{field.Name})");
            code.Line($"var mark = writer.BeginTag({field.Tag});");
            WriteField(field, field.Name);
            code.Line("writer.EndTag(mark);");
            code.Close();
        }
    }

    private static string And(string left, string right) => left.Length == 0 ? right : $"{left} && {right}";

    private static string Local(string name)
    {
        var local = char.ToLowerInvariant(name[0]) + name.Substring(1);
        return Taken.Contains(local) || SyntaxFacts.GetKeywordKind(local) != SyntaxKind.None ? local + "Items" : local;
    }
}
