namespace Caudal.Client;

/// <summary>Both directions of one format.</summary>
/// <typeparam name="T">The type of the keys or values.</typeparam>
public interface ISerde<T> : ISerializer<T>, IDeserializer<T>;
