namespace Caudal.Client;

/// <summary>Turns bytes into keys or values.</summary>
/// <typeparam name="T">The type of the keys or values.</typeparam>
/// <remarks>
/// Called where records are taken up: quick, without waiting, thread safe. What it throws says that the record is not what was expected.
/// </remarks>
public interface IDeserializer<out T>
{
    /// <summary>Reads a value.</summary>
    /// <param name="data">
    /// The bytes; empty if <see cref="SerializationContext.IsNull"/>. Valid only during the call: whatever is kept must be copied.
    /// </param>
    /// <param name="context">The topic, whether it is a key, and whether the record carries null.</param>
    T Deserialize(ReadOnlyMemory<byte> data, in SerializationContext context);
}
