using System.Net.Sockets;

namespace Caudal.Cli.Control;

/// <summary>Sends an order to a running <c>caudal broker</c> of the same user.</summary>
internal static class ControlClient
{
    /// <summary>Sends an order and waits until it was carried out.</summary>
    /// <param name="port">The broker's first port.</param>
    /// <param name="words">The order.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The lines of the result.</returns>
    /// <exception cref="CommandException">No broker is there, or it refused.</exception>
    public static async Task<IReadOnlyList<string>> SendAsync(int port, string[] words, CancellationToken cancellationToken)
    {
        using var socket = ControlChannel.NewSocket();
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(ControlChannel.PathOf(port)), cancellationToken);
        }
        catch (SocketException)
        {
            throw new CommandException(
                $"no 'caudal broker' of this user listens on port {port} of this machine. Start one, or give its first port by --port.");
        }

        try
        {
            await using var stream = new NetworkStream(socket);
            await using var writer = new StreamWriter(stream) { NewLine = "\n", AutoFlush = true };
            using var reader = new StreamReader(stream);
            await writer.WriteLineAsync(string.Join('\t', words).AsMemory(), cancellationToken);
            var lines = (await reader.ReadToEndAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return lines switch
            {
                [ControlChannel.Done, .. var results] => results,
                [var first, ..] when first.StartsWith(ControlChannel.Refused, StringComparison.Ordinal) =>
                    throw new CommandException(first[ControlChannel.Refused.Length..]),
                _ => throw new CommandException($"the broker on port {port} ended before it answered."),
            };
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new CommandException($"the broker on port {port} ended before it answered: {e.Message}");
        }
    }
}
