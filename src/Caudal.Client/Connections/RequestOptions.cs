namespace Caudal.Client.Connections;

/// <summary>
/// How a request is sent. The default value: on the general connection, <c>request.timeout.ms</c>, in the highest common version.
/// </summary>
internal readonly record struct RequestOptions
{
    /// <summary>The connection to use.</summary>
    public ConnectionPurpose Purpose { get; init; }

    /// <summary>How long the response may take, for requests that wait at the broker; null for <c>request.timeout.ms</c>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The highest version that the caller wants; null for no limit.</summary>
    public short? MaxVersion { get; init; }
}
