using System.Text;

namespace Caudal.Cli.Tests;

/// <summary>Hands out the first line that is written.</summary>
internal sealed class LineWriter : StringWriter
{
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the first line.</summary>
    public Task<string> FirstLine => _first.Task;

    public override Encoding Encoding => Encoding.UTF8;

    public override Task WriteLineAsync(string? value)
    {
        _first.TrySetResult(value ?? "");
        return base.WriteLineAsync(value);
    }
}
