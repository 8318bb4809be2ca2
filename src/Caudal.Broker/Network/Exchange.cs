using Caudal.Transport;

namespace Caudal.Broker.Network;

/// <summary>A request that a connection serves, and its answer. Used for one request after the other.</summary>
internal sealed class Exchange : IDisposable
{
    private ReceivedFrame? _frame;

    /// <summary>The answer.</summary>
    public Reply Reply { get; } = new();

    /// <summary>What the request's header says.</summary>
    public RequestStart Start { get; private set; }

    /// <summary>When the request was taken up, as a timestamp of the clock.</summary>
    public long Since { get; private set; }

    /// <summary>The handler's work, to be awaited once; complete when the answer is written.</summary>
    public ValueTask Handling { get; private set; }

    /// <summary>The request's bytes behind its size.</summary>
    public ReadOnlyMemory<byte> Request => _frame!.Memory;

    /// <summary>Takes over a request, which <see cref="End"/> gives back.</summary>
    public void Begin(ReceivedFrame frame, long since)
    {
        _frame = frame;
        Since = since;
    }

    /// <summary>Notes what the request's header says, and prepares for the answer.</summary>
    public void Begin(RequestStart start)
    {
        Start = start;
        Reply.Begin(start.Handler.Served.Key, start.Version, start.CorrelationId);
    }

    /// <summary>Notes what the handler is about.</summary>
    public void Begin(ValueTask handling) => Handling = handling;

    /// <summary>Gives up what belongs to the request and its answer.</summary>
    public void End()
    {
        Reply.Release();
        Handling = default;
        _frame?.Dispose();
        _frame = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        Reply.Dispose();
    }
}
