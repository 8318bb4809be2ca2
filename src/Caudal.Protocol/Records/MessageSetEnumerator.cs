namespace Caudal.Protocol.Records;

/// <summary>
/// Walks the messages of magic 0 and 1 that follow each other in a buffer: what segments and brokers from before Kafka 0.11 hold.
/// </summary>
/// <remarks>
/// Stops before a message that the buffer does not hold whole, and before a record batch of magic 2, which may follow where a broker was
/// upgraded: go on at <see cref="Consumed"/> with <see cref="RecordBatchEnumerator"/>. A compressed message wraps others, see
/// <see cref="MessageView.GetMessages"/>. Allocates nothing. Source: Kafka's documentation, "Old Message Format"; KIP-31, KIP-32.
/// </remarks>
public ref struct MessageSetEnumerator
{
    private const int AnyMagic = -1;

    private readonly ReadOnlySpan<byte> _buffer;
    private readonly long _baseOffset;
    private readonly long _logAppendTime;
    private readonly bool _hasLogAppendTime;
    private readonly int _innerMagic;
    private MessageView _current;
    private int _position;
    private int _next;

    /// <summary>Starts before the buffer's first message.</summary>
    public MessageSetEnumerator(ReadOnlySpan<byte> buffer)
    {
        _buffer = buffer;
        _innerMagic = AnyMagic;
    }

    private MessageSetEnumerator(ReadOnlySpan<byte> buffer, scoped in MessageView wrapper, long baseOffset)
    {
        _buffer = buffer;
        _innerMagic = wrapper.Magic;
        _baseOffset = baseOffset;
        _hasLogAppendTime = wrapper.TimestampType == TimestampType.LogAppendTime;
        _logAppendTime = wrapper.Timestamp;
    }

    /// <summary>The message at <see cref="Position"/>.</summary>
    public readonly MessageView Current => _current;

    /// <summary>Where <see cref="Current"/> starts in the buffer.</summary>
    public readonly int Position => _position;

    /// <summary>Where <see cref="Current"/> ends in the buffer; after the walk, how many bytes whole messages took.</summary>
    public readonly int Consumed => _next;

    /// <summary>For <c>foreach</c>.</summary>
    public readonly MessageSetEnumerator GetEnumerator() => this;

    /// <summary>Moves to the next whole message.</summary>
    /// <returns>False at the buffer's end, before a partial message, and before a record batch of magic 2.</returns>
    /// <exception cref="ProtocolException">
    /// What follows is no message, or what a compressed message wraps is not what may be wrapped; the message names the byte.
    /// </exception>
    public bool MoveNext()
    {
        if (!MessageView.TryReadAt(_buffer, _next, out var message))
        {
            if (_innerMagic != AnyMagic && _next != _buffer.Length)
                throw RecordErrors.Message(_next, "what the compressed message wraps ends inside a message");
            return false;
        }

        if (_innerMagic != AnyMagic)
            message = Inner(message);
        _current = message;
        _position = _next;
        _next += message.SizeInBytes;
        return true;
    }

    /// <summary>Walks what a compressed message wraps, with the offsets and timestamps that the messages have in the partition.</summary>
    internal static MessageSetEnumerator Within(scoped in MessageView wrapper, ReadOnlySpan<byte> decompressed)
    {
        // Format 0 keeps real offsets inside. In format 1 they count from 0, and the wrapper has the offset of the last (KIP-31).
        if (wrapper.Magic == 0)
            return new MessageSetEnumerator(decompressed, wrapper, 0);
        var last = -1L;
        var messages = new MessageSetEnumerator(decompressed, wrapper, 0);
        while (messages.MoveNext())
            last = messages.Current.Offset;
        if (last < 0)
            throw RecordErrors.Message(0, "the compressed message wraps none");
        // What a producer sends has offset 0 outside until the broker sets it.
        if (wrapper.Offset != 0 && wrapper.Offset < last)
            throw RecordErrors.Message(0, $"the compressed message has the offset {wrapper.Offset}, the last one in it {last}");
        return new MessageSetEnumerator(decompressed, wrapper, wrapper.Offset == 0 ? 0 : wrapper.Offset - last);
    }

    private readonly MessageView Inner(scoped in MessageView message)
    {
        if (message.Magic != _innerMagic)
            throw RecordErrors.Message(_next, $"a message of magic {message.Magic} is wrapped in one of magic {_innerMagic}");
        if (message.Codec != 0)
            throw RecordErrors.Message(_next, "a compressed message is wrapped in a compressed message");
        return message.At(unchecked(_baseOffset + message.Offset), _hasLogAppendTime ? _logAppendTime : null);
    }
}
