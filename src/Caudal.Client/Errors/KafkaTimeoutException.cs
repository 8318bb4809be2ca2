using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>
/// Something did not happen within the time that an option allows. The message names the option, and what was last in the way.
/// </summary>
public sealed class KafkaTimeoutException : KafkaException
{
    /// <summary>Creates an error that says what took too long.</summary>
    public KafkaTimeoutException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool IsRetriable => true;
}
