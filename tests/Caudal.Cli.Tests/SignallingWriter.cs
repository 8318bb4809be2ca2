using System.Text;

namespace Caudal.Cli.Tests;

/// <summary>Says when a text was written.</summary>
internal sealed class SignallingWriter(string text) : StringWriter
{
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the text was written.</summary>
    public Task Seen => _seen.Task;

    public override Encoding Encoding => Encoding.UTF8;

    public override async Task WriteAsync(string? value)
    {
        await base.WriteAsync(value);
        if (ToString().Contains(text, StringComparison.Ordinal))
            _seen.TrySetResult();
    }
}
