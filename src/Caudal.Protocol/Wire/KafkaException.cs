namespace Caudal.Protocol;

/// <summary>
/// The root of every error that Caudal raises about Kafka: catch it to handle "something went wrong with Kafka" in one place.
/// </summary>
public class KafkaException : Exception
{
    /// <summary>Creates an error with a message that says what failed, on what, why, and what to do.</summary>
    public KafkaException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an error that another one caused.</summary>
    public KafkaException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the same operation, tried again later without any change, may succeed.</summary>
    public virtual bool IsRetriable => false;
}
