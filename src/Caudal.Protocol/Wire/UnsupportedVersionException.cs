namespace Caudal.Protocol;

/// <summary>A message cannot be expressed in the version of the protocol that the peer speaks.</summary>
/// <remarks>
/// Raised before a byte is sent: by a version outside the message's range, or by a field that carries a value which the version cannot
/// hold and whose loss would change the meaning. Talk to a newer broker, or leave the field at its default.
/// </remarks>
public sealed class UnsupportedVersionException : KafkaException
{
    /// <summary>Creates an error with a message that names the message, the version and what it lacks.</summary>
    public UnsupportedVersionException(string message)
        : base(message)
    {
    }

    internal static UnsupportedVersionException ForVersion(string message, short version, short min, short max) =>
        new($"{message} has no version {version}: versions {min} to {max} exist.");

    internal static UnsupportedVersionException ForField(string message, short version, string field, string versions) =>
        new($"{message} version {version} cannot carry {field}, which exists in versions {versions}: "
            + "leave it at its default or use a version that has it.");
}
