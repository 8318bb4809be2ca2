namespace Caudal.Protocol;

/// <summary>Anything that the schemas describe and that can be written in one of its versions.</summary>
public interface IKafkaMessage
{
    /// <summary>Writes the message in the given version.</summary>
    /// <exception cref="UnsupportedVersionException">The version is out of range, or cannot hold a field that is set and may not be
    /// dropped.</exception>
    void Write(ref KafkaWriter writer, short version);
}

/// <summary>A generated message: readable and writable in every version of its range.</summary>
/// <typeparam name="TSelf">The message's own type.</typeparam>
public interface IKafkaMessage<TSelf> : IKafkaMessage
    where TSelf : IKafkaMessage<TSelf>
{
    /// <summary>The message's name in Kafka, e.g. <c>FetchRequest</c>.</summary>
    static abstract string MessageName { get; }

    /// <summary>The lowest version that exists here.</summary>
    static abstract short MinVersion { get; }

    /// <summary>The highest version that exists here.</summary>
    static abstract short MaxVersion { get; }

    /// <summary>The first version with compact lengths and tagged fields, or <see cref="short.MaxValue"/> if there is none.</summary>
    static abstract short FirstFlexibleVersion { get; }

    /// <summary>Reads the message in the given version. Unknown tagged fields are skipped.</summary>
    /// <exception cref="ProtocolException">The bytes are truncated or lie about a length; the message names field and position.</exception>
    /// <exception cref="UnsupportedVersionException">The version is out of range.</exception>
    static abstract TSelf Read(ref KafkaReader reader, short version);
}

/// <summary>A request of Kafka's protocol, tied to the response that answers it.</summary>
/// <typeparam name="TSelf">The request's own type.</typeparam>
/// <typeparam name="TResponse">The type of its response.</typeparam>
public interface IKafkaRequest<TSelf, TResponse> : IKafkaMessage<TSelf>
    where TSelf : IKafkaRequest<TSelf, TResponse>
    where TResponse : IKafkaMessage<TResponse>
{
    /// <summary>The API key that the request's header carries.</summary>
    static abstract ApiKey ApiKey { get; }
}
