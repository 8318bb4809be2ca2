using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Caudal.Protocol.Records;

/// <summary>Encodes records straight into a growing batch and knows its exact size at every moment.</summary>
/// <remarks>
/// A record comes in whole (<see cref="TryAppend"/>), or a serializer writes it into the batch itself (<see cref="BeginRecord"/>). The
/// bytes that
/// <see cref="Finish"/> hands out are the writer's own: valid until <see cref="Reset"/> or <see cref="Dispose"/>. Appending allocates
/// nothing once the buffer has grown. Not thread safe.
/// </remarks>
public sealed partial class RecordBatchWriter : IDisposable
{
    private readonly ArrayPool<byte>? _pool;
    private byte[] _buffer;
    private int _length = RecordBatchHeader.Size;
    private long _baseTimestamp;

    /// <summary>Creates a writer with an empty batch.</summary>
    /// <param name="capacity">The buffer's first size in bytes; it doubles when it is full.</param>
    /// <param name="pool">Where buffers come from and go to; null for arrays of its own.</param>
    public RecordBatchWriter(int capacity = 16 * 1024, ArrayPool<byte>? pool = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _pool = pool;
        _buffer = Allocate(Math.Max(capacity, RecordBatchHeader.Size));
    }

    /// <summary>Whether a record that is too large by itself still starts a batch of its own.</summary>
    /// <value>
    /// True by default, as in Kafka's producer, which checks the largest request elsewhere. False refuses such a record always.
    /// </value>
    public bool FirstRecordMayExceed { get; init; } = true;

    /// <summary>The size of the batch in bytes if it were finished now without compression, the header of 61 bytes included.</summary>
    public int SizeInBytes => _length;

    /// <summary>How many records the batch holds.</summary>
    public int Count { get; private set; }

    /// <summary>The timestamp of the first record, −1 without records.</summary>
    public long BaseTimestamp => Count == 0 ? -1 : _baseTimestamp;

    /// <summary>The largest timestamp of the records, −1 without records.</summary>
    public long MaxTimestamp { get; private set; } = -1;

    /// <summary>The encoded records, what a compressor reads; valid until the next record is appended.</summary>
    public ReadOnlyMemory<byte> Records => _buffer.AsMemory(RecordBatchHeader.Size.._length);

    /// <summary>Appends a record if the batch stays within a size.</summary>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    /// <param name="key">The key; ignored if <paramref name="keyIsNull"/>.</param>
    /// <param name="keyIsNull">Whether the record has no key.</param>
    /// <param name="value">The value; ignored if <paramref name="valueIsNull"/>.</param>
    /// <param name="valueIsNull">Whether the record has no value.</param>
    /// <param name="headers">The headers, often none.</param>
    /// <param name="maxBatchBytes">The size that <see cref="SizeInBytes"/> may reach.</param>
    /// <returns>False if the record does not fit: the batch is as it was.</returns>
    /// <exception cref="ArgumentException">The record is larger than any array, or a header has no key.</exception>
    /// <exception cref="InvalidOperationException">A record is under way, see <see cref="BeginRecord"/>.</exception>
    public bool TryAppend(
        long timestamp,
        ReadOnlySpan<byte> key,
        bool keyIsNull,
        ReadOnlySpan<byte> value,
        bool valueIsNull,
        ReadOnlySpan<RecordHeader> headers,
        int maxBatchBytes)
    {
        if (IsRecordUnderWay)
            throw OutOfOrder(nameof(TryAppend));
        _stage = RecordStage.None;
        var keyLength = keyIsNull ? -1 : key.Length;
        var valueLength = valueIsNull ? -1 : value.Length;
        var delta = Count == 0 ? 0 : unchecked(timestamp - _baseTimestamp);
        var body = BodySize(delta, keyLength, valueLength, headers);
        var end = _length + Varint.SizeOf(body) + body;
        if (!Fits(end, maxBatchBytes))
            return false;
        EnsureCapacity(end);
        var buffer = _buffer.AsSpan();
        var position = Varint.Write(buffer, _length, body);
        buffer[position++] = 0;
        position = Varint.Write(buffer, position, delta);
        position = Varint.Write(buffer, position, Count);
        position = WriteBytes(buffer, position, key, keyLength);
        position = WriteBytes(buffer, position, value, valueLength);
        WriteHeaders(buffer, position, headers);
        Commit((int)end, timestamp);
        return true;
    }

    /// <summary>Ends the batch without compression: writes its header and checksum.</summary>
    /// <param name="producer">Who writes it.</param>
    /// <returns>The whole batch, in memory of the writer.</returns>
    /// <remarks>May be called again with another producer; after it, <see cref="TryAppend"/> goes on with the same batch.</remarks>
    /// <exception cref="InvalidOperationException">A record is under way.</exception>
    public Memory<byte> Finish(RecordBatchProducer producer)
    {
        WriteHeader(_buffer.AsSpan(0, _length), 0, producer);
        return _buffer.AsMemory(0, _length);
    }

    /// <summary>Ends the batch in memory of the caller, who put <see cref="Records"/> there, compressed.</summary>
    /// <param name="batch">The batch to be: 61 bytes that this method fills, then the compressed records.</param>
    /// <param name="codec">The number of the codec, 0 (none) to 7.</param>
    /// <param name="producer">Who writes it.</param>
    /// <exception cref="ArgumentException"><paramref name="batch"/> is shorter than a header, or the codec is out of range.</exception>
    /// <exception cref="InvalidOperationException">A record is under way.</exception>
    public void WriteHeader(Span<byte> batch, int codec, RecordBatchProducer producer)
    {
        if (IsRecordUnderWay)
            throw OutOfOrder(nameof(WriteHeader));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)codec, (uint)RecordBatchAttributes.CodecMask, nameof(codec));
        var attributes = (RecordBatchAttributes)codec | (producer.IsTransactional ? RecordBatchAttributes.Transactional : 0);
        RecordBatchHeader.Write(batch, new RecordBatchFields
        {
            Attributes = attributes,
            LastOffsetDelta = Math.Max(Count - 1, 0),
            BaseTimestamp = BaseTimestamp,
            MaxTimestamp = MaxTimestamp,
            ProducerId = producer.Id,
            ProducerEpoch = producer.Epoch,
            BaseSequence = producer.BaseSequence,
            RecordCount = Count,
        });
    }

    /// <summary>Starts a new batch in the same buffer. A record that is under way is dropped.</summary>
    public void Reset()
    {
        _length = RecordBatchHeader.Size;
        _stage = RecordStage.None;
        Count = 0;
        MaxTimestamp = -1;
    }

    /// <summary>Gives the buffer back to its pool. The writer and the bytes that it handed out must not be used any more.</summary>
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            _pool?.Return(buffer);
    }

    private static int WriteBytes(Span<byte> buffer, int position, ReadOnlySpan<byte> bytes, int length)
    {
        position = Varint.Write(buffer, position, length);
        if (length <= 0)
            return position;
        bytes.CopyTo(buffer[position..]);
        return position + length;
    }

    private static void WriteHeaders(Span<byte> buffer, int position, ReadOnlySpan<RecordHeader> headers)
    {
        position = Varint.Write(buffer, position, headers.Length);
        foreach (ref readonly var header in headers)
        {
            position = Varint.Write(buffer, position, Encoding.UTF8.GetByteCount(header.Key));
            position += Encoding.UTF8.GetBytes(header.Key, buffer[position..]);
            position = WriteBytes(buffer, position, header.Value.GetValueOrDefault().Span, header.Value?.Length ?? -1);
        }
    }

    // The record without its length prefix. The attributes take a byte and are always 0.
    private long BodySize(long timestampDelta, int keyLength, int valueLength, ReadOnlySpan<RecordHeader> headers)
    {
        long size = 1 + Varint.SizeOf(timestampDelta) + Varint.SizeOf(Count) + Varint.SizeOf(headers.Length);
        size += Varint.SizeOf(keyLength) + Math.Max(keyLength, 0);
        size += Varint.SizeOf(valueLength) + Math.Max(valueLength, 0);
        foreach (ref readonly var header in headers)
            size += HeaderSize(header);
        return size;
    }

    private static long HeaderSize(RecordHeader header)
    {
        if (header.Key is null)
            throw new ArgumentException("A record's header has no key.", nameof(header));
        long key = Encoding.UTF8.GetByteCount(header.Key);
        var value = header.Value?.Length ?? -1;
        return Varint.SizeOf(key) + key + Varint.SizeOf(value) + Math.Max(value, 0);
    }

    private bool Fits(long end, int maxBatchBytes)
    {
        var mayExceed = Count == 0 && FirstRecordMayExceed;
        if (end > maxBatchBytes && !mayExceed)
            return false;
        return end <= Array.MaxLength ? true : throw TooLarge(end);
    }

    private static ArgumentException TooLarge(long size) =>
        new($"The record takes a batch to {size} bytes, more than an array can hold.");

    private void Commit(int end, long timestamp)
    {
        if (Count++ == 0)
            _baseTimestamp = MaxTimestamp = timestamp;
        else if (timestamp > MaxTimestamp)
            MaxTimestamp = timestamp;
        _length = end;
    }

    private byte[] Allocate(int size) => _pool?.Rent(size) ?? GC.AllocateUninitializedArray<byte>(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EnsureCapacity(long size)
    {
        if (size > _buffer.Length)
            Grow(size, _length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(long size, int used)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        if (size > Array.MaxLength)
            throw TooLarge(size);
        var old = _buffer;
        _buffer = Allocate((int)Math.Min(Math.Max(size, old.Length * 2L), Array.MaxLength));
        old.AsSpan(0, Math.Min(used, old.Length)).CopyTo(_buffer);
        _pool?.Return(old);
    }
}
