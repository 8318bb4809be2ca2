namespace Caudal.Protocol;

/// <summary>
/// Bytes that are not what Kafka's protocol allows: a truncated frame, a length that points past the end, an invalid batch.
/// </summary>
/// <remarks>
/// The message names the message and its version, the field and the byte position at which reading failed. Never retriable.
/// </remarks>
public sealed class ProtocolException : KafkaException
{
    /// <summary>Creates an error with a message that says what is wrong and at which byte.</summary>
    public ProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error that another one caused.</summary>
    public ProtocolException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
