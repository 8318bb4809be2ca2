namespace Caudal.Client;

/// <summary>What a serializer or deserializer may want to know about the bytes.</summary>
/// <param name="Topic">The record's topic.</param>
/// <param name="IsKey">Whether it is the key rather than the value.</param>
/// <param name="IsNull">When reading: whether the record carries null rather than bytes (which are empty then).</param>
public readonly record struct SerializationContext(string Topic, bool IsKey, bool IsNull = false);
