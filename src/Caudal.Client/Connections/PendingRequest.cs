using Caudal.Protocol;
using Caudal.Transport;

namespace Caudal.Client.Connections;

/// <summary>A request that was sent and waits for its response.</summary>
internal sealed class PendingRequest(ApiKey key, short version, int correlationId, long deadline, TimeSpan timeout)
{
    private readonly TaskCompletionSource<ReceivedFrame> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ApiKey Key => key;

    public short Version => version;

    public int CorrelationId => correlationId;

    /// <summary>The clock's timestamp at which the response is overdue.</summary>
    public long Deadline => deadline;

    public TimeSpan Timeout => timeout;

    /// <summary>
    /// Waits for the response. Cancelling gives up waiting; the connection stays usable and drops the response when it comes.
    /// </summary>
    /// <exception cref="ConnectionException">The connection broke; whether the broker executed the request is not known.</exception>
    /// <exception cref="KafkaTimeoutException">The response did not come in time.</exception>
    public async ValueTask<RawResponse> ResponseAsync(CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(
            static (self, token) => ((PendingRequest)self!)._response.TrySetCanceled(token), this).ConfigureAwait(false))
            return new RawResponse(await _response.Task.ConfigureAwait(false), key, version);
    }

    public void Complete(ReceivedFrame frame)
    {
        if (!_response.TrySetResult(frame))
            frame.Dispose();
    }

    public void Fail(Exception error)
    {
        if (_response.TrySetException(error))
            // Whoever sent it may have gone away; an error that nobody looks at is not worth an event.
            _ = _response.Task.Exception;
    }
}
