using System.Buffers;
using Caudal.Compression;

namespace Caudal.Client.Producing;

/// <summary>
/// Where a thread's serializers write before the record is copied into its batch, so that user code never runs under a lock.
/// </summary>
internal sealed class ProduceScratch : IDisposable
{
    // A buffer that one huge record made grow is not kept for ever.
    private const int LargestKept = 1024 * 1024;

    [ThreadStatic]
    private static ProduceScratch? _mine;

    private PooledBuffer _buffer = new();
    private bool _inUse;

    /// <summary>The thread's own, or another one while a serializer itself produces.</summary>
    public static ProduceScratch Rent()
    {
        var scratch = _mine ??= new ProduceScratch();
        if (scratch._inUse)
            return new ProduceScratch();
        scratch._inUse = true;
        return scratch;
    }

    public IBufferWriter<byte> Writer => _buffer;

    public int Length => _buffer.WrittenCount;

    public ReadOnlySpan<byte> Bytes => _buffer.WrittenSpan;

    /// <summary>Gives it back to its thread.</summary>
    public void Dispose()
    {
        if (_buffer.WrittenCount > LargestKept)
        {
            _buffer.Dispose();
            _buffer = new PooledBuffer();
        }

        _buffer.Clear();
        _inUse = false;
    }
}
