using System.Buffers.Binary;

namespace Caudal.Compression;

/// <summary>
/// Reads compressed data front to back. The one place that checks bounds: what is missing becomes a <see cref="CompressionException"/>.
/// </summary>
internal ref struct CompressedInput(CompressionType type, ReadOnlySpan<byte> source)
{
    private readonly CompressionType _type = type;

    /// <summary>All of the data, also what was read already.</summary>
    public readonly ReadOnlySpan<byte> Source = source;

    /// <summary>How many bytes were read.</summary>
    public int Position { readonly get; private set; }

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => Source.Length - Position;

    /// <summary>What is left.</summary>
    public readonly ReadOnlySpan<byte> Rest => Source[Position..];

    /// <summary>Takes the next <paramref name="count"/> bytes.</summary>
    public ReadOnlySpan<byte> Take(long count, string what)
    {
        if (count > Remaining)
            throw Fault($"{what} needs {count} bytes, only {Remaining} are left");
        var taken = Source.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    public byte TakeByte(string what) => Take(1, what)[0];

    public uint TakeUInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public int TakeInt32BigEndian(string what) => BinaryPrimitives.ReadInt32BigEndian(Take(4, what));

    /// <summary>An error at the current position, to be thrown.</summary>
    public readonly CompressionException Fault(string problem) => new(_type, Position, problem);

    /// <summary>An error at <paramref name="position"/>, to be thrown.</summary>
    public readonly CompressionException Fault(string problem, int position, Exception? cause = null) =>
        new(_type, position, problem, cause);
}
