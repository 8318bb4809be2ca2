using Caudal.Compression;
using Caudal.Protocol.Records;

namespace Caudal.Storage.Compaction;

/// <summary>The records of a batch, decompressed if need be.</summary>
internal readonly struct BatchPayload : IDisposable
{
    private readonly PooledBuffer? _decompressed;

    private BatchPayload(PooledBuffer? decompressed) => _decompressed = decompressed;

    /// <exception cref="CompressionException">The batch cannot be decompressed.</exception>
    internal static BatchPayload Open(RecordBatchView batch)
    {
        if (batch.Codec == 0 || batch.RecordCount == 0)
            return default;
        var buffer = new PooledBuffer();
        try
        {
            Codec.Decompress((CompressionType)batch.Codec, batch.RecordsPayload, buffer, RecordWalk.MaxDecompressedBytes);
            return new BatchPayload(buffer);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>The records; valid until the payload is disposed.</summary>
    internal ReadOnlySpan<byte> Of(RecordBatchView batch) => _decompressed is null ? batch.RecordsPayload : _decompressed.WrittenSpan;

    public void Dispose() => _decompressed?.Dispose();
}
