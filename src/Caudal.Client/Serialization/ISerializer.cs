using System.Buffers;

namespace Caudal.Client;

/// <summary>Turns keys or values into bytes.</summary>
/// <typeparam name="T">The type of the keys or values.</typeparam>
/// <remarks>
/// Called on the thread that produces, straight into the batch that goes over the wire: quick, without waiting, thread safe. What it throws
/// goes to the caller of
/// the producer, and the record is dropped.
/// </remarks>
public interface ISerializer<in T>
{
    /// <summary>Writes a value.</summary>
    /// <param name="value">The value; one for which <see cref="IsNull"/> is false.</param>
    /// <param name="destination">Where the bytes go. Must not be kept.</param>
    /// <param name="context">The topic, and whether it is a key.</param>
    void Serialize(T value, IBufferWriter<byte> destination, in SerializationContext context);

    /// <summary>Whether a value is written as Kafka's null, which is what deletes a key of a compacted topic.</summary>
    bool IsNull(T value) => value is null;
}
