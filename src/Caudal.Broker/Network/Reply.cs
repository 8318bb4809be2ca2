using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Network;

/// <summary>The answer to one request: written once by its handler, or withheld, as a produce with acks 0 is not answered.</summary>
/// <remarks>One object a connection, used for one request after the other. Not thread safe.</remarks>
internal sealed class Reply : IDisposable
{
    // What a connection keeps for its next answer: most fit, and thousands of idle connections should cost little.
    private const int KeptBytes = 1024;

    private readonly List<IDisposable> _owners = [];
    private int _correlationId;
    private short _headerVersion;
    private short _version;

    /// <summary>The frame to send once <see cref="IsWritten"/>.</summary>
    public FrameBuffer Frame { get; } = new(KeptBytes);

    /// <summary>Whether there is something to send.</summary>
    public bool IsWritten { get; private set; }

    /// <summary>Whether the connection is to be closed instead of, or after, an answer.</summary>
    public bool ClosesConnection { get; private set; }

    /// <summary>
    /// Whether everything was done but for waiting for the disk, set before the handler waits: what comes next from the same connection may
    /// be taken up already.
    /// </summary>
    public bool AwaitsDisk { get; set; }

    /// <summary>How long nothing more is read from the connection after the answer.</summary>
    public TimeSpan MuteFor { get; set; }

    /// <summary>Prepares for the next request.</summary>
    public void Begin(ApiKey key, short version, int correlationId)
    {
        _correlationId = correlationId;
        _version = version;
        _headerVersion = KafkaApis.ResponseHeaderVersion(key, version);
        IsWritten = false;
        ClosesConnection = false;
        AwaitsDisk = false;
        MuteFor = TimeSpan.Zero;
    }

    /// <summary>Keeps what holds linked record batches until the frame has been sent.</summary>
    public void Own(IDisposable owner) => _owners.Add(owner);

    /// <summary>Writes the response in the request's version.</summary>
    public void Write<TResponse>(TResponse response)
        where TResponse : IKafkaMessage => Write(response, _version);

    /// <summary>Writes the response in a version other than the request's, as ApiVersions answers clients from the future.</summary>
    public void Write<TResponse>(TResponse response, short version)
        where TResponse : IKafkaMessage
    {
        Frame.BeginFrame();
        var writer = new KafkaWriter(Frame);
        new ResponseHeader { CorrelationId = _correlationId }.Write(ref writer, _headerVersion);
        response.Write(ref writer, version);
        writer.Flush();
        Frame.EndFrame();
        IsWritten = true;
    }

    /// <summary>Has the connection closed after what is written was sent.</summary>
    public void CloseConnection() => ClosesConnection = true;

    /// <summary>Gives up what the sent frame referred to, and room that only a large one needs.</summary>
    public void Release()
    {
        Frame.Reset(KeptBytes);
        foreach (var owner in _owners)
            owner.Dispose();
        _owners.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        Frame.Dispose();
    }
}
