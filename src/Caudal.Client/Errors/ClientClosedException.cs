using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>The client, producer or consumer was closed before the operation was done. Never retriable on the same object.</summary>
public sealed class ClientClosedException : KafkaException
{
    /// <summary>Creates an error that says what was closed and what was given up.</summary>
    public ClientClosedException(string message)
        : base(message)
    {
    }
}
