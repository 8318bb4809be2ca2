using Caudal.Protocol;

namespace Caudal.Broker.Network;

/// <summary>
/// The exchanges of a connection whose answers wait for nothing but the disk, answered in the order of their requests. What a producer
/// pipelines is appended meanwhile, so that one sync serves all of it.
/// </summary>
/// <remarks>One caller adds and waits; answers are sent on other threads.</remarks>
/// <param name="answer">Waits for an exchange and sends its answer; never throws, and false if that was the connection's last one.</param>
/// <param name="ended">Called once after the last one.</param>
internal sealed class LateAnswers(Func<Exchange, ValueTask<bool>> answer, Action ended) : IDisposable
{
    /// <summary>How many exchanges may be under way; their requests are in memory.</summary>
    public const int Max = 8;

    // Guards the following.
    private readonly Lock _lock = new();
    private readonly Queue<Exchange> _waiting = new();
    private readonly Stack<Exchange> _spare = new();
    private TaskCompletionSource? _fewer;
    private int _count;
    private bool _isOver;

    /// <summary>Whether all exchanges are answered. Only <see cref="Add"/> changes that back.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>An exchange to be used, and to be given to <see cref="Add"/> or <see cref="Return"/>.</summary>
    public Exchange Rent()
    {
        lock (_lock)
            return _spare.TryPop(out var spare) ? spare : new Exchange();
    }

    /// <summary>Takes back an exchange that was answered, with what it holds.</summary>
    public void Return(Exchange exchange)
    {
        exchange.End();
        lock (_lock)
            _spare.Push(exchange);
    }

    /// <summary>Has an exchange answered after those before it.</summary>
    public void Add(Exchange exchange)
    {
        lock (_lock)
        {
            _waiting.Enqueue(exchange);
            if (++_count > 1)
                return;
        }

        _ = RunAsync();
    }

    /// <summary>Waits until at most so many exchanges are under way.</summary>
    /// <returns>False if the connection has sent its last answer.</returns>
    public async ValueTask<bool> WaitForAsync(int most)
    {
        while (true)
        {
            Task fewer;
            lock (_lock)
            {
                if (_count <= most)
                    return !_isOver;
                fewer = (_fewer ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await fewer.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var spare in _spare)
            spare.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            Exchange exchange;
            lock (_lock)
                exchange = _waiting.Dequeue();
            if (_isOver)
                await WaitOnlyAsync(exchange).ConfigureAwait(false);
            else if (!await answer(exchange).ConfigureAwait(false))
            {
                _isOver = true;
                ended();
            }

            Return(exchange);
            TaskCompletionSource? fewer;
            bool isLast;
            lock (_lock)
            {
                isLast = --_count == 0;
                (fewer, _fewer) = (_fewer, null);
            }

            fewer?.SetResult();
            if (isLast)
                return;
        }
    }

    // The request's memory belongs to the handler until it is done.
    private static async ValueTask WaitOnlyAsync(Exchange exchange)
    {
        try
        {
            await exchange.Handling.ConfigureAwait(false);
        }
        catch (Exception e) when (e is KafkaException or OperationCanceledException)
        {
            // Nobody is left to be told.
        }
    }
}
