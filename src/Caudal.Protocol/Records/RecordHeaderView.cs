namespace Caudal.Protocol.Records;

/// <summary>One header of a record, read in place.</summary>
public readonly ref struct RecordHeaderView
{
    internal RecordHeaderView(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isValueNull)
    {
        Key = key;
        Value = value;
        IsValueNull = isValueNull;
    }

    /// <summary>The key as UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value; empty if it is null.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Whether the header has no value.</summary>
    public bool IsValueNull { get; }
}
