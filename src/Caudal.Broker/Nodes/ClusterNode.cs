using Caudal.Broker.Network;

namespace Caudal.Broker.Nodes;

/// <summary>One of the brokers that the process poses as: its id, its address, and whether it is up.</summary>
/// <remarks>Thread safe: what changes is read without a lock.</remarks>
internal sealed class ClusterNode(int id, string? rack)
{
    private volatile bool _isLive = true;
    private volatile TaskCompletionSource? _paused;

    /// <summary>The node's id in the cluster.</summary>
    public int Id { get; } = id;

    /// <summary>The rack that the node says it stands in; null for none.</summary>
    public string? Rack { get; } = rack;

    /// <summary>The address that clients are told; set before the first of them connects.</summary>
    public ConnectionEndpoint Endpoint { get; set; }

    /// <summary>Whether the node belongs to the cluster now: it was not stopped. A paused node still does.</summary>
    public bool IsLive
    {
        get => _isLive;
        set => _isLive = value;
    }

    /// <summary>Whether the node takes requests and answers nothing.</summary>
    public bool IsPaused => _paused is not null;

    /// <summary>Stops answering until <see cref="Resume"/>.</summary>
    public void Pause() => Interlocked.CompareExchange(
        ref _paused, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);

    /// <summary>Answers again, first what came meanwhile.</summary>
    public void Resume() => Interlocked.Exchange(ref _paused, null)?.TrySetResult();

    /// <summary>Waits while the node is paused.</summary>
    /// <exception cref="OperationCanceledException">The connection ended meanwhile.</exception>
    public async ValueTask WaitWhilePausedAsync(CancellationToken cancellationToken)
    {
        while (_paused is { } paused)
            await paused.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
