using System.Globalization;

namespace Caudal.Cli.Input;

/// <summary>Shows on a terminal that a long command is alive: a count that changes in place on standard error.</summary>
internal sealed class Progress(Terminal terminal, TimeProvider time, string what)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly long _start = time.GetTimestamp();
    private long _shown = time.GetTimestamp();
    private bool _isShown;

    /// <summary>Shows a count, at most twice a second.</summary>
    public async ValueTask ShowAsync(long count)
    {
        if (!terminal.IsInteractive || time.GetElapsedTime(_shown) < Period)
            return;
        _shown = time.GetTimestamp();
        _isShown = true;
        var rate = count / time.GetElapsedTime(_start).TotalSeconds;
        await terminal.Error.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"\r{count:N0} {what}, {rate:N0} a second "));
    }

    /// <summary>Takes the count away.</summary>
    public async ValueTask ClearAsync()
    {
        if (_isShown)
            await terminal.Error.WriteAsync("\r\u001b[K");
    }
}
