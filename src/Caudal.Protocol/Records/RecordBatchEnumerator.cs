namespace Caudal.Protocol.Records;

/// <summary>Walks whole batches that follow each other in a buffer, as in a fetch response or a segment file.</summary>
/// <remarks>Stops before a batch that the buffer does not hold whole: brokers cut responses there. Allocates nothing.</remarks>
public ref struct RecordBatchEnumerator
{
    private readonly ReadOnlySpan<byte> _buffer;
    private RecordBatchView _current;
    private int _position;
    private int _next;

    /// <summary>Starts before the buffer's first batch.</summary>
    public RecordBatchEnumerator(ReadOnlySpan<byte> buffer) => _buffer = buffer;

    /// <summary>The batch at <see cref="Position"/>.</summary>
    public readonly RecordBatchView Current => _current;

    /// <summary>Where <see cref="Current"/> starts in the buffer.</summary>
    public readonly int Position => _position;

    /// <summary>Where <see cref="Current"/> ends in the buffer; after the walk, how many bytes whole batches took.</summary>
    public readonly int Consumed => _next;

    /// <summary>For <c>foreach</c>.</summary>
    public readonly RecordBatchEnumerator GetEnumerator() => this;

    /// <summary>Moves to the next whole batch.</summary>
    /// <returns>False at the buffer's end or before a partial batch.</returns>
    /// <exception cref="ProtocolException">What follows is no batch of magic 2; the message names the byte.</exception>
    public bool MoveNext()
    {
        if (!RecordBatchView.TryReadAt(_buffer, _next, out var batch))
            return false;
        _current = batch;
        _position = _next;
        _next += batch.SizeInBytes;
        return true;
    }
}
