using Caudal.Broker.Configuration;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker.Network;

/// <summary>How much memory requests and responses may take, all connections together.</summary>
/// <param name="Requests">Requests that arrive or are being served.</param>
/// <param name="Responses">Responses that clients do not read.</param>
internal sealed record NetworkMemory(FrameMemory Requests, UnsentResponses Responses)
{
    // Kafka sets no limit unless told to, and its heap is the limit then. Here the process may be somebody's test: a quarter of what the
    // machine or container has, each for requests and for responses.
    private const long LeastLimit = 64L * 1024 * 1024;

    /// <summary>Takes the limit from <c>queued.max.request.bytes</c>, or a quarter of the memory there is.</summary>
    public static NetworkMemory Create(ConfigStore configs, ILogger logger)
    {
        var quarter = Math.Max(LeastLimit, AvailableMemory.Find() / 4);
        var queued = configs.GetInt64("queued.max.request.bytes");
        return new NetworkMemory(new FrameMemory(queued > 0 ? queued : quarter), new UnsentResponses(quarter, logger));
    }
}
