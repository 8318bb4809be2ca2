using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>What became of one item of an administrative call: a value or an error.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Value">The value, if there is no error.</param>
/// <param name="Error">The error, or null.</param>
public sealed record AdminResult<T>(T? Value, KafkaException? Error)
{
    /// <summary>The value.</summary>
    /// <exception cref="KafkaException">The item failed.</exception>
    public T GetOrThrow() => Error is null ? Value! : throw Error;
}
