using Caudal.Broker.Faults;
using Caudal.Protocol;
using Caudal.Transport;

namespace Caudal.Broker.Network;

/// <content>One request after the other, and their answers.</content>
internal sealed partial class BrokerConnection
{
    private async ValueTask<bool> ServeAsync(ReceivedFrame frame)
    {
        IdleSince = 0;
        var exchange = _late.Rent();
        var isLate = false;
        try
        {
            exchange.Begin(frame, _time.GetTimestamp());
            exchange.Begin(_dispatcher.Start(frame.Memory));
            var (start, reply) = (exchange.Start, exchange.Reply);
            var faults = _dispatcher.Faults.Current is { } current
                ? new RequestFaults(_dispatcher.Faults, current, start.Handler.Served.Key, _node.Id, start.ClientId)
                : null;
            var mayBeLate = start.Handler.Served.Key == ApiKey.Produce && faults is null && !_node.IsPaused;
            if (!_late.IsEmpty && !await _late.WaitForAsync(mayBeLate ? LateAnswers.Max - 1 : 0).ConfigureAwait(false))
                return false;
            if (_node.IsPaused)
                await _node.WaitWhilePausedAsync(_closed.Token).ConfigureAwait(false);
            exchange.Begin(start.Handler.HandleAsync(Context(start, faults), exchange.Request, start.BodyStart, reply));
            if (mayBeLate && (exchange.Handling.IsCompleted ? !_late.IsEmpty : reply.AwaitsDisk))
            {
                isLate = true;
                _late.Add(exchange);
                return true;
            }

            if (!exchange.Handling.IsCompleted && _ahead is null)
                ReceiveAhead();
            if (!_late.IsEmpty && !await _late.WaitForAsync(0).ConfigureAwait(false))
            {
                await exchange.Handling.ConfigureAwait(false);
                return false;
            }

            return await AnswerAsync(exchange).ConfigureAwait(false);
        }
        finally
        {
            if (!isLate)
                _late.Return(exchange);
        }
    }

    private RequestContext Context(RequestStart start, RequestFaults? faults)
    {
        // Clients repeat their name in each request: one string a connection is enough.
        if (start.ClientId != _clientId)
            _clientId = start.ClientId;
        return new RequestContext
        {
            ClientId = _clientId,
            ClientHost = ClientHost,
            Meter = _meter,
            RemoteName = _connection.RemoteName,
            ApiVersion = start.Version,
            NodeId = _node.Id,
            Faults = faults,
            CancellationToken = _closed.Token,
        };
    }

    /// <summary>Waits for the handler, sends the answer, and says whether the connection goes on.</summary>
    private async ValueTask<bool> AnswerAsync(Exchange exchange)
    {
        await exchange.Handling.ConfigureAwait(false);
        if (_node.IsPaused)
            await _node.WaitWhilePausedAsync(_closed.Token).ConfigureAwait(false);
        IdleSince = _time.GetTimestamp();
        var reply = exchange.Reply;
        var size = reply.IsWritten ? reply.Frame.Length : 0;
        // Not cancelled by a stop: what was done is answered, then the connection closes. A client that does not read is cut by Abort.
        if (size > 0)
            await _unsent.SendAsync(_connection.SendAsync(reply.Frame, CancellationToken.None), _connection, size).ConfigureAwait(false);
        _meter.Served(exchange.Start.Handler.Served.Key, exchange.Since, exchange.Request.Length + sizeof(int), size);
        if (reply.MuteFor > TimeSpan.Zero)
        {
            // A connection that is not listened to is not silent of its own will.
            IdleSince = 0;
            await Task.Delay(reply.MuteFor, _time, _closed.Token).ConfigureAwait(false);
        }

        IdleSince = _time.GetTimestamp();
        return !reply.ClosesConnection;
    }

    private async ValueTask<bool> TryAnswerAsync(Exchange exchange)
    {
        try
        {
            return await AnswerAsync(exchange).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Note(e);
            return false;
        }
    }
}
