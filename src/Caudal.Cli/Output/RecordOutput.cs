using System.Buffers;
using System.Text;

namespace Caudal.Cli.Output;

/// <summary>Gathers what is written for records and hands it to standard output in large pieces. Not thread safe.</summary>
internal sealed class RecordOutput(Terminal terminal)
{
    private const int FlushAt = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt * 2);

    /// <summary>Where records are written.</summary>
    public IBufferWriter<byte> Writer => _buffer;

    /// <summary>Whether so much has gathered that it should be flushed before more is written.</summary>
    public bool IsFull => _buffer.WrittenCount >= FlushAt;

    /// <summary>Writes what has gathered.</summary>
    /// <exception cref="OutputClosedException">Nobody reads the output any more.</exception>
    public async ValueTask FlushAsync()
    {
        if (_buffer.WrittenCount == 0)
            return;
        try
        {
            if (terminal.OutBytes is { } stream)
                await stream.WriteAsync(_buffer.WrittenMemory, CancellationToken.None);
            else
                await terminal.Out.WriteAsync(Encoding.UTF8.GetString(_buffer.WrittenSpan));
        }
        catch (IOException e)
        {
            throw new OutputClosedException(e);
        }

        _buffer.ResetWrittenCount();
    }
}
