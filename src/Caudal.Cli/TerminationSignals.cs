using System.Runtime.InteropServices;

namespace Caudal.Cli;

/// <summary>Turns Ctrl+C and SIGTERM into a cancellation, so that a command can end in order. A second one ends it at once.</summary>
/// <remarks>
/// The command-line library has such handling too, but gives up on a signal that arrives before the action of a command has returned its
/// task: a broker that was told to stop right after it started would not end in order.
/// </remarks>
internal sealed class TerminationSignals : IDisposable
{
    // Longer than any command needs to end in order.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private ITimer? _deadline;
    private int _signals;

    /// <summary>Starts to listen.</summary>
    public TerminationSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
    ];

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _deadline?.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _signals) > 1)
            return;
        context.Cancel = true;
        // The numbers that shells give to programs that a signal ended.
        var exitCode = context.Signal == PosixSignal.SIGINT ? 130 : 143;
        _deadline = TimeProvider.System.CreateTimer(_ => Environment.Exit(exitCode), null, Patience, Timeout.InfiniteTimeSpan);
        _stop.Cancel();
    }
}
