using System.Globalization;
using System.Net.Sockets;
using Caudal.Broker;
using Caudal.Protocol;

namespace Caudal.Cli.Control;

/// <summary>Carries out the orders that <c>caudal broker control</c> sends to this process.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private readonly EmbeddedBroker _broker;
    private readonly Socket _socket;
    private readonly string _path;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    private ControlServer(EmbeddedBroker broker, Socket socket, string path)
    {
        _broker = broker;
        _socket = socket;
        _path = path;
        _accepting = AcceptAsync();
    }

    /// <summary>Begins to take orders for a broker.</summary>
    /// <exception cref="IOException">The socket cannot be made.</exception>
    public static ControlServer Start(EmbeddedBroker broker)
    {
        var path = ControlChannel.PathOf(broker.Port);
        ControlChannel.MakeFolder();
        // One that was killed left its socket; the port is ours, so nobody listens there.
        File.Delete(path);
        var socket = ControlChannel.NewSocket();
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            socket.Listen(8);
            return new ControlServer(broker, socket, path);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"cannot listen on {path}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;
        _stopping.Dispose();
        File.Delete(_path);
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var client = await _socket.AcceptAsync(_stopping.Token);
                await ServeAsync(client);
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
            {
                // The client went away, or the broker stops: the loop's condition says which.
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await using var stream = new NetworkStream(client);
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { NewLine = "\n" };
        var line = await reader.ReadLineAsync(_stopping.Token);
        try
        {
            var results = await ExecuteAsync((line ?? "").Split('\t'));
            await writer.WriteLineAsync(ControlChannel.Done);
            foreach (var result in results)
                await writer.WriteLineAsync(result);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or KafkaException)
        {
            // The name of the parameter says nothing to users.
            var reason = e.Message.Split(" (Parameter '")[0].ReplaceLineEndings(" ");
            await writer.WriteLineAsync(ControlChannel.Refused + reason);
        }
    }

    private async Task<IEnumerable<string>> ExecuteAsync(string[] words)
    {
        switch (words)
        {
            case ["status"]:
                return _broker.Nodes.Select(node => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{node.Id}\t{node.Host}:{node.Port}\t{node.State}\t{node.LedPartitions}"));
            case ["stop-node", var id]:
                await Node(id).StopAsync(_stopping.Token);
                return [];
            case ["start-node", var id]:
                await Node(id).StartAsync(_stopping.Token);
                return [];
            case ["pause-node", var id]:
                await Node(id).PauseAsync(_stopping.Token);
                return [];
            case ["resume-node", var id]:
                await Node(id).ResumeAsync();
                return [];
            case ["move-leader", var topic, var partition, var id]:
                await _broker.MoveLeaderAsync(topic, int.Parse(partition, CultureInfo.InvariantCulture), Node(id).Id, _stopping.Token);
                return [];
            default:
                throw new ArgumentException($"The broker does not know the order '{string.Join(' ', words)}'; is it of another version?");
        }
    }

    private BrokerNode Node(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var id) && _broker.Nodes.FirstOrDefault(node => node.Id == id) is { } node
            ? node
            : throw new ArgumentException(
                $"There is no node {text}: the broker's nodes are {string.Join(", ", _broker.Nodes.Select(n => n.Id))}.");
}
