using Caudal.Protocol;

namespace Caudal.Transport;

/// <summary>A connection could not be made, or broke. Always retriable: the request may or may not have reached its peer.</summary>
public sealed class ConnectionException : KafkaException
{
    /// <summary>Creates an error with a message that names the peer and says what happened.</summary>
    public ConnectionException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool IsRetriable => true;
}
