using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>A key or value is not what its serializer or deserializer expects: a poison record. Never retriable.</summary>
public sealed class SerializationException : KafkaException
{
    /// <summary>Creates an error that names the topic, and says what was expected.</summary>
    public SerializationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
