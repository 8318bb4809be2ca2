namespace Caudal.Transport;

/// <summary>How connections over TCP behave.</summary>
public sealed record SocketOptions
{
    /// <summary>The largest frame that is received, in bytes.</summary>
    /// <value>Default 104857600 (100 MiB), as Kafka's <c>socket.request.max.bytes</c>; at least 1024.</value>
    public int MaxFrameBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>The size of the kernel's send buffer in bytes; 0 leaves it to the system.</summary>
    public int SendBufferBytes { get; init; }

    /// <summary>The size of the kernel's receive buffer in bytes; 0 leaves it to the system.</summary>
    public int ReceiveBufferBytes { get; init; }

    /// <summary>The account of the memory that large frames take until they are disposed, shared with other connections.</summary>
    /// <value>Null by default: frames up to <see cref="MaxFrameBytes"/> are received, however many there are.</value>
    public FrameMemory? FrameMemory { get; init; }
}
