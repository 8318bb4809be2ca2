using System.Net.Sockets;

namespace Caudal.Cli.Cluster;

/// <summary>Says in one line why no broker was reached, and what to do about it.</summary>
internal static class ConnectionFailure
{
    private const string Advice = "Is the broker running? Start one with 'caudal broker'.";

    /// <summary>No broker could be reached.</summary>
    public static CommandException From(string bootstrap, Exception error) => new($"cannot reach {bootstrap}: {Reason(error)}. {Advice}");

    /// <summary>No broker answered in time.</summary>
    public static CommandException Silence(string bootstrap, TimeSpan timeout) =>
        new($"cannot reach {bootstrap}: no answer within {timeout.TotalSeconds:0} s. {Advice}");

    private static string Reason(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
            {
                return socket.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => "connection refused",
                    SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the name cannot be resolved",
                    SocketError.NetworkUnreachable or SocketError.HostUnreachable => "there is no route to it",
                    SocketError.TimedOut => "the connection timed out",
                    _ => socket.Message.TrimEnd('.'),
                };
            }
        }

        return error.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
    }
}
