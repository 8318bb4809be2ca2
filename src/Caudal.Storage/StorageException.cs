using Caudal.Protocol;

namespace Caudal.Storage;

/// <summary>A log directory cannot be opened or used. The message is one line that says which, why, and what to do.</summary>
public sealed class StorageException : KafkaException
{
    /// <summary>Creates the error.</summary>
    public StorageException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
