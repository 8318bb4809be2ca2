using Caudal.Protocol;

namespace Caudal.Broker;

/// <summary>
/// The embedded broker could not be started or kept running: a bad option, a damaged data directory, a port in use. The message is one line
/// for the user.
/// </summary>
public sealed class BrokerException : KafkaException
{
    /// <summary>Creates an error with a message that says what failed, on what, why, and what to do.</summary>
    public BrokerException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
