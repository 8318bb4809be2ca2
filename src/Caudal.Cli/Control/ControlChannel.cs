using System.Globalization;
using System.Net.Sockets;

namespace Caudal.Cli.Control;

/// <summary>
/// Where a running <c>caudal broker</c> takes orders from other terminals: a Unix domain socket in a folder that only its user may enter,
/// named after the broker's first port.
/// </summary>
/// <remarks>
/// Nothing of it is on a network. A client sends one line, words separated by tabs; the broker answers <c>ok</c> or <c>error</c> and a
/// reason on the first line, results on those after it, and closes.
/// </remarks>
internal static class ControlChannel
{
    /// <summary>The first line of an answer to an order that was carried out.</summary>
    public const string Done = "ok";

    /// <summary>How the first line of an answer to one that was not begins; the reason follows.</summary>
    public const string Refused = "error ";

    /// <summary>The socket of the broker with a port.</summary>
    public static string PathOf(int port) =>
        Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"broker-{port}.sock"));

    /// <summary>Makes the folder, for this user alone.</summary>
    /// <exception cref="IOException">It cannot be made, or others may enter it.</exception>
    public static void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Folder);
            return;
        }

        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(Folder, mine);
        if (File.GetUnixFileMode(Folder) != mine)
            throw new IOException($"{Folder} is open to others: remove it, or set its mode to 700.");
    }

    /// <summary>A socket that is not connected yet.</summary>
    public static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private static string Folder => Path.Combine(Path.GetTempPath(), "caudal-" + Environment.UserName);
}
