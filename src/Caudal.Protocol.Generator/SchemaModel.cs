using System.Collections.Generic;

namespace Caudal.Protocol.Generator;

/// <summary>What one schema file says.</summary>
public sealed class SchemaFile
{
    /// <summary>The messages, in the file's order.</summary>
    public List<MessageModel> Messages { get; } = [];

    /// <summary>The rows of an error table.</summary>
    public List<ErrorModel> Errors { get; } = [];

    /// <summary>What is wrong with the file.</summary>
    public List<SchemaError> Problems { get; } = [];
}

/// <summary>What a message is used for.</summary>
public enum MessageKind
{
    /// <summary>Sent by a client.</summary>
    Request,

    /// <summary>Sent back by a broker.</summary>
    Response,

    /// <summary>Stands in front of requests or responses.</summary>
    Header,

    /// <summary>Stored in a record, or carried as opaque bytes inside another message.</summary>
    Data,
}

/// <summary>One message with all its versions.</summary>
public sealed class MessageModel
{
    /// <summary>The name, e.g. <c>FetchRequest</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it is used for.</summary>
    public MessageKind Kind { get; set; }

    /// <summary>The API key of a request or response, the record type of data, or −1.</summary>
    public int ApiKey { get; set; } = -1;

    /// <summary>The versions that exist.</summary>
    public VersionRange Versions { get; set; }

    /// <summary>The versions with compact lengths and tagged fields.</summary>
    public VersionRange Flexible { get; set; } = VersionRange.None;

    /// <summary>What it is for, as written in the schema.</summary>
    public string Comment { get; set; } = "";

    /// <summary>The fields at the top.</summary>
    public List<FieldModel> Fields { get; } = [];

    /// <summary>Every struct of the message, in the order of appearance.</summary>
    public List<StructModel> Structs { get; } = [];

    /// <summary>The line at which it starts, from 0.</summary>
    public int Line { get; set; }
}

/// <summary>A struct inside a message.</summary>
public sealed class StructModel
{
    /// <summary>The name, unique within the message.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it is for, taken from the first field that has its type.</summary>
    public string Comment { get; set; } = "";

    /// <summary>Its fields.</summary>
    public List<FieldModel> Fields { get; } = [];

    /// <summary>Where errors say that the struct stands: the path of the only field that has its type, or the struct's name.</summary>
    public string Path { get; set; } = "";

    /// <summary>The versions in which the struct is used, or all if several fields have its type.</summary>
    public VersionRange Versions { get; set; } = VersionRange.All;

    /// <summary>The line at which it is defined, from 0.</summary>
    public int Line { get; set; }
}

/// <summary>One field.</summary>
public sealed class FieldModel
{
    /// <summary>Kafka's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The type of the field, or of its elements.</summary>
    public string Type { get; set; } = "";

    /// <summary>Whether it is an array.</summary>
    public bool IsArray { get; set; }

    /// <summary>The versions that have it.</summary>
    public VersionRange Versions { get; set; } = VersionRange.All;

    /// <summary>The versions in which it may be null.</summary>
    public VersionRange Nullable { get; set; } = VersionRange.None;

    /// <summary>The tag, or −1 for an ordinary field.</summary>
    public int Tag { get; set; } = -1;

    /// <summary>The default as written in the schema, or null.</summary>
    public string? Default { get; set; }

    /// <summary>Whether a value may be dropped silently in a version without the field.</summary>
    public bool Ignorable { get; set; }

    /// <summary>Whether it keeps the old encoding in flexible versions.</summary>
    public bool Inflexible { get; set; }

    /// <summary>What it is for, as written in the schema.</summary>
    public string Comment { get; set; } = "";

    /// <summary>The struct that <see cref="Type"/> names, if it names one.</summary>
    public StructModel? Struct { get; set; }

    /// <summary>The line of the field, from 0.</summary>
    public int Line { get; set; }

    /// <summary>Whether it may be null in any version.</summary>
    public bool IsNullable => !Nullable.IsEmpty;
}

/// <summary>One row of the error table.</summary>
public sealed class ErrorModel
{
    /// <summary>The number on the wire.</summary>
    public short Code { get; set; }

    /// <summary>Kafka's name, e.g. <c>NOT_LEADER_OR_FOLLOWER</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whether trying again may help.</summary>
    public bool Retriable { get; set; }

    /// <summary>What it means.</summary>
    public string Meaning { get; set; } = "";

    /// <summary>What a user can do.</summary>
    public string Remedy { get; set; } = "";
}

/// <summary>A mistake in a schema.</summary>
/// <param name="Id">The diagnostic's id.</param>
/// <param name="Line">The line, from 0.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record SchemaError(string Id, int Line, string Message);
