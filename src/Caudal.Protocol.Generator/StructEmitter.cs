using System.Collections.Generic;
using System.Linq;

namespace Caudal.Protocol.Generator;

/// <summary>Emits the members that a message and a struct inside it have in common: properties, reading, writing.</summary>
internal sealed class StructEmitter(CodeWriter code, MessageModel message)
{
    private static readonly HashSet<string> Keywords = ["version", "reader", "writer", "flexible"];

    public void Properties(List<FieldModel> fields)
    {
        foreach (var field in fields)
        {
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
        foreach (var field in fields.Where(f => f.Tag < 0))
            Guarded(Condition(field.Versions), () => ReadField(field, Join(path, field)));
        if (!message.Flexible.Intersect(message.Versions).IsEmpty)
            Guarded(Condition(message.Flexible), () => ReadTags(tagged, path));
        code.Line("return result;");
    }

    public void WriteBody(List<FieldModel> fields, string path)
    {
        var tagged = fields.Where(f => f.Tag >= 0).OrderBy(f => f.Tag).ToList();
        foreach (var field in fields)
            CheckField(field, Join(path, field));
        DeclareFlexible(fields);
        foreach (var field in fields.Where(f => f.Tag < 0))
            Guarded(Condition(field.Versions), () => WriteField(field, field.Name));
        if (!message.Flexible.Intersect(message.Versions).IsEmpty)
            Guarded(Condition(message.Flexible), () => WriteTags(tagged));
    }

    public void IsDefaultBody(List<FieldModel> fields) =>
        code.Line("internal bool IsDefault() => " + string.Join(" && ", fields.Select(FieldCode.IsDefault)) + ";");

    private static string Join(string path, FieldModel field) => path.Length == 0 ? field.Name : path + "." + field.Name;

    private string Describe(FieldModel field)
    {
        var text = field.Comment.Length > 0 ? field.Comment : "Kafka's field of this name.";
        if (!field.Versions.Covers(message.Versions))
            text += $" Versions {field.Versions.Intersect(message.Versions)}.";
        if (field.IsNullable)
            text += field.Nullable.Covers(message.Versions.Intersect(field.Versions)) ? " May be null." : $" May be null in versions {field.Nullable}.";
        return text;
    }

    private void DeclareFlexible(List<FieldModel> fields)
    {
        if (IsMixed && fields.Any(f => NeedsFlexible(f) && !f.Inflexible && f.Tag < 0))
            code.Line($"var flexible = {Condition(message.Flexible)};");
    }

    private static bool NeedsFlexible(FieldModel field) => field.IsArray || field.Type is "string" or "bytes" or "records";

    private bool IsMixed => Condition(message.Flexible) is { Length: > 0 } && !message.Flexible.Intersect(message.Versions).IsEmpty;

    private string Flexible(FieldModel field) =>
        field.Tag >= 0 ? "true"
        : field.Inflexible || message.Flexible.Intersect(message.Versions).IsEmpty ? "false"
        : IsMixed ? "flexible" : "true";

    /// <summary>The test for a version in a range, empty when every version of the message passes.</summary>
    private string Condition(VersionRange range)
    {
        var all = message.Versions;
        var low = range.Min > all.Min;
        var high = range.Max < all.Max;
        if (low && high)
            return range.Min == range.Max ? $"version == {range.Min}" : $"version >= {range.Min} && version <= {range.Max}";
        return low ? $"version >= {range.Min}" : high ? $"version <= {range.Max}" : "";
    }

    private void Guarded(string condition, System.Action body)
    {
        if (condition.Length > 0)
            code.Open($"if ({condition})");
        body();
        if (condition.Length > 0)
            code.Close();
    }

    private string NullCondition(FieldModel field)
    {
        var inUse = message.Versions.Intersect(field.Versions);
        return field.Nullable.Covers(inUse) ? "true" : Condition(field.Nullable);
    }

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
            var marker = NullCondition(field) is "true" ? "" : $"!({NullCondition(field)}) || ";
            code.Line($"{target} = {marker}reader.ReadStructMarker(\"{path}\") ? {field.Type}.ReadFrom(ref reader, version) : null;");
        }
        else if (NullCondition(field) is "true")
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
        var size = System.Math.Max(1, Enumerable.Range(message.Versions.Min, message.Versions.Max - message.Versions.Min + 1)
            .Where(v => field.Versions.Contains(v))
            .Select(v => FieldCode.ElementMinSize(field, v, message.Flexible.Contains(v) && !field.Inflexible))
            .Min());
        var count = Local(field.Name) + "Count";
        var items = Local(field.Name);
        var nullable = field.IsNullable && NullCondition(field) is "true";
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
            code.Open($"else");
        }

        var grows = field.Struct is not null ? "Math.Min(" + count + ", MessageLimits.FirstAllocation)" : count;
        var element = FieldCode.ElementType(field);
        code.Line(element == "byte[]" ? $"var {items} = new byte[{grows}][];" : $"var {items} = new {element}[{grows}];");
        code.Open($"for (var i = 0; i < {count}; i++)");
        if (field.Struct is not null)
        {
            code.Line($"if (i == {items}.Length)");
            code.Inner($"Array.Resize(ref {items}, (int)Math.Min({count}, 2L * i));");
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
            code.Open($"case {field.Tag}{(condition.Length > 0 ? $" when {condition}" : "")}:");
            ReadField(field, Join(path, field));
            code.Line($"reader.EndTag(end, \"{Join(path, field)}\");");
            code.Line("break;");
            code.Close();
        }

        code.Line("default:");
        code.Inner("reader.SkipTo(end);");
        code.Inner("break;");
        code.Close();
        code.Close();
    }

    private void CheckField(FieldModel field, string path)
    {
        var absent = Condition(field.Versions);
        if (!field.Ignorable && absent.Length > 0)
        {
            code.Line($"if (!({absent}) && !({FieldCode.IsDefault(field)}))");
            code.Inner($"throw UnsupportedVersionException.ForField(\"{message.Name}\", version, \"{path}\", \"{field.Versions}\");");
        }

        if (!field.IsNullable || NullCondition(field) is "true")
            return;
        var present = absent.Length > 0 ? $"{absent} && " : "";
        code.Line($"if ({present}!({NullCondition(field)}) && {field.Name} is null)");
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
            code.Line($"var has{field.Name} = {And(Condition(field.Versions.Intersect(message.Flexible)), $"!({FieldCode.IsDefault(field)})")};");
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
        return Keywords.Contains(local) ? local + "Items" : local;
    }
}
