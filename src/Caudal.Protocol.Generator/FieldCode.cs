using System.Linq;

namespace Caudal.Protocol.Generator;

/// <summary>The C# of one field: its type, default, size, reading and writing.</summary>
internal static class FieldCode
{
    public static string ElementType(FieldModel field) => field.Type switch
    {
        "int8" => "sbyte",
        "int16" => "short",
        "uint16" => "ushort",
        "int32" => "int",
        "uint32" => "uint",
        "int64" => "long",
        "float64" => "double",
        "uuid" => "Uuid",
        "bytes" => "byte[]",
        "records" => "ReadOnlyMemory<byte>",
        var other => other,
    };

    public static string ClrType(FieldModel field) =>
        ElementType(field) + (field.IsArray ? "[]" : "") + (field.IsNullable ? "?" : "");

    /// <summary>Whether the property makes its struct when somebody asks for it, and the message has none until then.</summary>
    public static bool IsMadeOnDemand(FieldModel field) => field.Struct is not null && !field.IsArray && !field.IsNullable;

    /// <summary>The name of the field behind a property that makes its struct on demand.</summary>
    public static string Backing(FieldModel field) => "_" + char.ToLowerInvariant(field.Name[0]) + field.Name.Substring(1);

    /// <summary>The initializer of the property, or nothing when it is the CLR's own.</summary>
    public static string Initializer(FieldModel field)
    {
        if (field.Default == "null" || (field.Type == "records" && !field.IsArray && field.IsNullable))
            return "";
        if (field.IsArray || field.Type == "bytes")
            return " = [];";
        if (field.Struct is not null)
            return " = new();";
        if (field.Type == "string")
            return $" = {field.Default ?? "\"\""};";
        return field.Default is null or "0" or "false" ? "" : $" = {field.Default};";
    }

    /// <summary>An expression that is true when the value is the field's default.</summary>
    public static string IsDefault(FieldModel field)
    {
        var name = field.Name;
        if (field.Default == "null" || (field.Type == "records" && !field.IsArray && field.IsNullable))
            return $"{name} is null";
        if (field.IsArray || field.Type == "bytes")
            return field.IsNullable ? $"{name} is {{ Length: 0 }}" : $"{name}.Length == 0";
        if (field.Type == "records")
            return $"{name}.Length == 0";
        if (field.Struct is not null && field.IsNullable)
            return $"{name} is {{ }} && {name}.IsDefault()";
        if (field.Struct is not null)
            return $"({Backing(field)} is null || {Backing(field)}.IsDefault())";
        if (field.Type == "string")
            return $"{name} == {field.Default ?? "\"\""}";
        if (field.Type == "uuid")
            return $"{name} == Uuid.Zero";
        if (field.Type == "bool")
            return field.Default == "true" ? name : $"!{name}";
        return $"{name} == {field.Default ?? "0"}";
    }

    /// <summary>An expression that is true when the value is not the field's default.</summary>
    public static string IsSet(FieldModel field)
    {
        var name = field.Name;
        if (field.Default == "null" || (field.Type == "records" && !field.IsArray && field.IsNullable))
            return $"{name} is not null";
        if (field.IsArray || field.Type is "bytes" or "records")
            return field.IsNullable ? $"{name} is not {{ Length: 0 }}" : $"{name}.Length > 0";
        if (field.Struct is not null && field.IsNullable)
            return $"({name} is null || !{name}.IsDefault())";
        if (field.Struct is not null)
            return $"{Backing(field)} is {{ }} && !{Backing(field)}.IsDefault()";
        if (field.Type == "bool")
            return field.Default == "true" ? "!" + name : name;
        return IsDefault(field).Replace("==", "!=");
    }

    /// <summary>The smallest number of bytes that a value takes in a version.</summary>
    public static int MinSize(FieldModel field, int version, bool flexible)
    {
        flexible &= !field.Inflexible;
        if (field.IsArray)
            return flexible ? 1 : 4;
        return ElementMinSize(field, version, flexible);
    }

    /// <summary>The smallest number of bytes that one element takes in a version.</summary>
    public static int ElementMinSize(FieldModel field, int version, bool flexible) => field.Type switch
    {
        "bool" or "int8" => 1,
        "int16" or "uint16" => 2,
        "int32" or "uint32" => 4,
        "int64" or "float64" => 8,
        "uuid" => 16,
        "string" => flexible ? 1 : 2,
        "bytes" or "records" => flexible ? 1 : 4,
        _ when field.IsNullable && !field.IsArray => 1,
        _ => field.Struct!.Fields
            .Where(f => f.Tag < 0 && f.Versions.Contains(version))
            .Sum(f => MinSize(f, version, flexible)) + (flexible ? 1 : 0),
    };

    /// <summary>Reads one value that is not an array.</summary>
    public static string ReadElement(FieldModel field, string flexible, string path, bool nullable)
    {
        var quoted = $"\"{path}\"";
        return field.Type switch
        {
            "bool" => $"reader.ReadBoolean({quoted})",
            "int8" => $"reader.ReadInt8({quoted})",
            "int16" => $"reader.ReadInt16({quoted})",
            "uint16" => $"reader.ReadUInt16({quoted})",
            "int32" => $"reader.ReadInt32({quoted})",
            "uint32" => $"reader.ReadUInt32({quoted})",
            "int64" => $"reader.ReadInt64({quoted})",
            "float64" => $"reader.ReadFloat64({quoted})",
            "uuid" => $"reader.ReadUuid({quoted})",
            "string" => $"reader.Read{(nullable ? "Nullable" : "")}String({flexible}, {quoted})",
            "bytes" => $"reader.Read{(nullable ? "Nullable" : "")}Bytes({flexible}, {quoted})",
            "records" => $"reader.Read{(nullable ? "Nullable" : "")}Records({flexible}, {quoted})",
            _ => $"{field.Type}.ReadFrom(ref reader, version)",
        };
    }

    /// <summary>Writes one value that is not an array and not null unless its type's writer accepts null.</summary>
    public static string WriteElement(FieldModel field, string value, string flexible) => field.Type switch
    {
        "bool" => $"writer.WriteBoolean({value});",
        "int8" => $"writer.WriteInt8({value});",
        "int16" => $"writer.WriteInt16({value});",
        "uint16" => $"writer.WriteUInt16({value});",
        "int32" => $"writer.WriteInt32({value});",
        "uint32" => $"writer.WriteUInt32({value});",
        "int64" => $"writer.WriteInt64({value});",
        "float64" => $"writer.WriteFloat64({value});",
        "uuid" => $"writer.WriteUuid({value});",
        "string" => $"writer.WriteString({value}, {flexible});",
        "bytes" => $"writer.WriteBytes({value}, {flexible});",
        "records" => field.IsNullable ? $"writer.WriteNullableRecords({value}, {flexible});" : $"writer.WriteRecords({value}, {flexible});",
        _ => $"{value}.WriteTo(ref writer, version);",
    };
}
