using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Client.Connections;

/// <summary>A response as it arrived, for whoever parses it in place. The frame belongs to the holder, who disposes it.</summary>
/// <param name="Frame">The whole frame, header included.</param>
/// <param name="Key">The API that was asked.</param>
/// <param name="Version">The version in which it was asked and answers.</param>
internal readonly record struct RawResponse(ReceivedFrame Frame, ApiKey Key, short Version) : IDisposable
{
    /// <summary>A reader that stands behind the response's header.</summary>
    public KafkaReader OpenBody()
    {
        var reader = new KafkaReader(Frame.Memory);
        ResponseHeader.Read(ref reader, KafkaApis.ResponseHeaderVersion(Key, Version));
        return reader;
    }

    /// <summary>Reads the whole body and gives the frame back. Fields of type records must not be used afterwards.</summary>
    public TResponse ReadAndDispose<TResponse>()
        where TResponse : IKafkaMessage<TResponse>
    {
        try
        {
            var reader = OpenBody();
            return TResponse.Read(ref reader, Version);
        }
        finally
        {
            Frame.Dispose();
        }
    }

    public void Dispose() => Frame.Dispose();
}
