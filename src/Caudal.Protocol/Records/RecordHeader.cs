namespace Caudal.Protocol.Records;

/// <summary>A header to be written with a record.</summary>
/// <param name="Key">The name, encoded as UTF-8. Keys may repeat.</param>
/// <param name="Value">The value or null.</param>
public readonly record struct RecordHeader(string Key, ReadOnlyMemory<byte>? Value)
{
    /// <summary>
    /// Creates a header from an array, which may be null. Without this constructor a null array would become an empty value.
    /// </summary>
    public RecordHeader(string key, byte[]? value)
        : this(key, value is null ? default(ReadOnlyMemory<byte>?) : value.AsMemory())
    {
    }
}
