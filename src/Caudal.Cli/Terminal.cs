using System.Text;
using Caudal.Cli.Input;
using Microsoft.Win32.SafeHandles;

namespace Caudal.Cli;

/// <summary>Where a command reads from and writes to: the process's own streams, or a test's.</summary>
/// <param name="In">Standard input as text.</param>
/// <param name="Out">Standard output as text: results, and nothing else.</param>
/// <param name="Error">Standard error as text.</param>
/// <param name="IsInteractive">Whether a human looks at the output, so that it may move.</param>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error, bool IsInteractive)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The process's own streams.</summary>
    public static Terminal Standard { get; } = CreateStandard();

    /// <summary>Standard input as bytes: records are not always text.</summary>
    public Stream InBytes { get; init; } = new TextReaderStream(In);

    /// <summary>Whether a human types the input, who wants to be prompted.</summary>
    public bool ReadsFromHuman { get; init; }

    /// <summary>Standard output as bytes; null to write records as text to <see cref="Out"/>.</summary>
    public Stream? OutBytes { get; init; }

    private static Terminal CreateStandard()
    {
        // Console.In and Console.Out would set the terminal up, which costs a start more than everything else here.
        var input = Console.OpenStandardInput();
        var output = OpenOutput();
        var interactive = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or "");
        return new Terminal(new StreamReader(input, Utf8), Writer(output), Writer(Console.OpenStandardError()), interactive)
        {
            InBytes = input,
            OutBytes = output,
            ReadsFromHuman = interactive && !Console.IsInputRedirected,
        };
    }

    private static StreamWriter Writer(Stream stream) => new(stream, Utf8) { AutoFlush = true };

    /// <remarks>
    /// The console's own stream keeps silent when a reader such as <c>head</c> has left; a file stream says so, and the command can end.
    /// On a real file it would count the position by itself and leave the one that it shares with other processes where it was: the next
    /// command of <c>(caudal …; caudal …) &gt; file</c> would write over what this one wrote.
    /// </remarks>
    private static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
            return Console.OpenStandardOutput();
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        if (!stream.CanSeek)
            return stream;
        stream.Dispose();
        return Console.OpenStandardOutput();
    }
}
