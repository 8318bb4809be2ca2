using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Connections;

/// <summary>
/// One connection to one broker: requests go out one after another and are answered in the same order, as Kafka promises.
/// </summary>
/// <remarks>
/// Thread safe. Requests of one sender that awaits <see cref="BeginAsync"/> before it begins the next keep their order. A response that is
/// overdue cuts the
/// connection, because nothing behind it could be matched any more. Once broken a connection stays broken.
/// </remarks>
internal sealed partial class BrokerConnection : IAsyncDisposable
{
    private readonly IFrameConnection _frames;
    private readonly KafkaClientOptions _options;
    private readonly ILogger _logger;
    private readonly FrameBuffer _frame = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ITimer _timer;

    // Guards the following.
    private readonly Lock _lock = new();
    private readonly Queue<PendingRequest> _pending = new();
    private PendingRequest? _unanswered;
    private Exception? _failure;
    private long _timerDue = long.MaxValue;

    private int _lastCorrelationId;

    private BrokerConnection(BrokerAddress broker, IFrameConnection frames, KafkaClientOptions options)
    {
        Broker = broker;
        _frames = frames;
        _options = options;
        _logger = options.LoggerFactory.CreateLogger<BrokerConnection>();
        _timer = options.TimeProvider.CreateTimer(
            static self => ((BrokerConnection)self!).CheckDeadlines(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Closed = ReceiveAsync();
    }

    public BrokerAddress Broker { get; }

    /// <summary>What the broker speaks, as negotiated on this connection: a rolling upgrade mixes brokers.</summary>
    public ApiVersionSet Versions { get; private set; } = null!;

    /// <summary>Whether requests can still be sent.</summary>
    public bool IsOpen => Volatile.Read(ref _failure) is null;

    /// <summary>Completes, never with an error, when the connection is closed by either side.</summary>
    public Task Closed { get; }

    /// <summary>Connects and exchanges versions.</summary>
    /// <exception cref="ConnectionException">The broker could not be reached, or not in time.</exception>
    /// <exception cref="UnsupportedVersionException">The broker is too old.</exception>
    public static async ValueTask<BrokerConnection> OpenAsync(
        BrokerAddress broker,
        KafkaClientOptions options,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        BrokerConnection? connection = null;
        try
        {
            var frames = await options.Connector.ConnectAsync(broker.Host, broker.Port, either.Token).ConfigureAwait(false);
            connection = new BrokerConnection(broker, frames, options);
            connection.Versions = await connection.NegotiateAsync(either.Token).ConfigureAwait(false);
            Log.Connected(connection._logger, broker);
            return connection;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            connection?.Abort(new ConnectionException($"Connecting to {broker} took too long."));
            throw new ConnectionException(
                $"Cannot connect to {broker}: no answer within {options.ConnectTimeout.TotalSeconds} s "
                + "(socket.connection.setup.timeout.ms). "
                + "Is it a Kafka broker, and does its listener use TLS or SASL?");
        }
        catch (Exception e)
        {
            connection?.Abort(e);
            throw;
        }
    }

    /// <summary>Sends a request and reads its response.</summary>
    public async ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        TRequest request,
        short version,
        CancellationToken cancellationToken,
        TimeSpan? timeout = null)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        var pending = await BeginAsync<TRequest, TResponse>(request, version, cancellationToken, timeout).ConfigureAwait(false);
        var response = await pending.ResponseAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return response.ReadAndDispose<TResponse>();
        }
        catch (ProtocolException e)
        {
            Abort(e);
            throw;
        }
    }

    /// <summary>Sends a request; returns when its bytes are on their way.</summary>
    /// <param name="request">The request. Record batches that it refers to stay unchanged until this completes.</param>
    /// <param name="version">The version to write.</param>
    /// <param name="cancellationToken">Stops waiting for earlier requests to be sent; a request that has begun is sent whole.</param>
    /// <param name="timeout">How long the response may take; null for <c>request.timeout.ms</c>.</param>
    /// <param name="expectResponse">
    /// False for a produce request with acks=0, which the broker does not answer: its result stays pending for ever.
    /// </param>
    /// <exception cref="ConnectionException">The connection is broken.</exception>
    public async ValueTask<PendingRequest> BeginAsync<TRequest, TResponse>(
        TRequest request,
        short version,
        CancellationToken cancellationToken,
        TimeSpan? timeout = null,
        bool expectResponse = true)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        var begun = false;
        try
        {
            var pending = NewPending(TRequest.ApiKey, version, timeout ?? _options.RequestTimeout);
            WriteFrame(pending, request);
            begun = true;
            Enqueue(pending, expectResponse);
            await _frames.SendAsync(_frame, CancellationToken.None).ConfigureAwait(false);
            if (!expectResponse)
            {
                lock (_lock)
                    _unanswered = null;
            }

            return pending;
        }
        catch (Exception e) when (begun)
        {
            Abort(e);
            throw Failure is ClientClosedException closed
                ? closed
                : new ConnectionException($"The connection to {Broker} broke: {Failure.Message}", Failure);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Cuts the connection; everything that waits on it fails with the given reason.</summary>
    public void Abort(Exception reason)
    {
        PendingRequest[] orphans;
        lock (_lock)
        {
            if (_failure is not null)
                return;
            _failure = reason;
            orphans = [.. _pending];
            _pending.Clear();
        }

        _timer.Dispose();
        _frames.Abort();
        foreach (var orphan in orphans)
            orphan.Fail(OrphanError(orphan, reason));
    }

    public async ValueTask DisposeAsync()
    {
        Abort(new ClientClosedException($"The connection to {Broker} was closed."));
        await Closed.ConfigureAwait(false);
        await _frames.DisposeAsync().ConfigureAwait(false);
    }

    private Exception Failure => Volatile.Read(ref _failure) ?? new ConnectionException("it is closed.");

    private static Exception OrphanError(PendingRequest orphan, Exception reason) => reason switch
    {
        ClientClosedException or KafkaTimeoutException or ProtocolException => reason,
        _ => new ConnectionException($"The connection broke before {orphan.Key} was answered: {reason.Message}", reason),
    };

    private PendingRequest NewPending(ApiKey key, short version, TimeSpan timeout)
    {
        var clock = _options.TimeProvider;
        var deadline = clock.GetTimestamp() + (long)(timeout.TotalSeconds * clock.TimestampFrequency);
        return new PendingRequest(key, version, unchecked(++_lastCorrelationId) & int.MaxValue, deadline, timeout);
    }

    private void WriteFrame<TRequest>(PendingRequest pending, TRequest request)
        where TRequest : IKafkaMessage
    {
        _frame.BeginFrame();
        var writer = new KafkaWriter(_frame);
        var header = new RequestHeader
        {
            RequestApiKey = (short)pending.Key,
            RequestApiVersion = pending.Version,
            CorrelationId = pending.CorrelationId,
            ClientId = _options.ClientId,
        };
        header.Write(ref writer, KafkaApis.RequestHeaderVersion(pending.Key, pending.Version));
        request.Write(ref writer, pending.Version);
        writer.Flush();
        _frame.EndFrame();
    }

    private void Enqueue(PendingRequest pending, bool expectResponse)
    {
        lock (_lock)
        {
            if (_failure is not null)
                throw new ConnectionException(_failure.Message, _failure);
            if (expectResponse)
                _pending.Enqueue(pending);
            else
                _unanswered = pending;
            ArmTimer_UnderLock(pending.Deadline);
        }
    }

    private async Task ReceiveAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (await _frames.ReceiveAsync(CancellationToken.None).ConfigureAwait(false) is { } frame)
                Dispatch(frame);
            Abort(new ConnectionException($"{Broker} closed the connection."));
            Log.Closed(_logger, Broker);
        }
        catch (Exception e)
        {
            if (IsOpen)
                Log.Broken(_logger, Broker, e.Message);
            Abort(e);
        }
    }

    private void Dispatch(ReceivedFrame frame)
    {
        try
        {
            var reader = new KafkaReader(frame.Memory);
            reader.Enter(nameof(ResponseHeader), 0);
            var correlationId = reader.ReadInt32("CorrelationId");
            PendingRequest? pending;
            lock (_lock)
                _pending.TryDequeue(out pending);
            if (pending is null || pending.CorrelationId != correlationId)
                throw new ProtocolException(
                    $"{Broker} answered a request that was not its turn: "
                    + $"correlation id {correlationId}, expected {pending?.CorrelationId}.");
            pending.Complete(frame);
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    private void ArmTimer_UnderLock(long due)
    {
        if (due >= _timerDue)
            return;
        _timerDue = due;
        var wait = _options.TimeProvider.GetElapsedTime(_options.TimeProvider.GetTimestamp(), due);
        // Timers count whole milliseconds and round down; one that is early would only be set again.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(Math.Ceiling(wait.TotalMilliseconds), 0)), Timeout.InfiniteTimeSpan);
    }

    // Deadlines need not be in the order of requests: a fetch may wait longer than what follows it. The queue is short; look at all of it.
    private void CheckDeadlines()
    {
        PendingRequest? overdue = null;
        lock (_lock)
        {
            if (_failure is not null)
                return;
            _timerDue = long.MaxValue;
            var now = _options.TimeProvider.GetTimestamp();
            var next = _unanswered?.Deadline ?? long.MaxValue;
            overdue = _unanswered is { } unanswered && unanswered.Deadline <= now ? unanswered : null;
            foreach (var pending in _pending)
            {
                if (pending.Deadline <= now)
                    overdue ??= pending;
                next = Math.Min(next, pending.Deadline);
            }

            if (overdue is null && next < long.MaxValue)
                ArmTimer_UnderLock(next);
        }

        if (overdue is null)
            return;
        Log.Overdue(_logger, Broker, overdue.Key, overdue.Timeout.TotalMilliseconds);
        Abort(
            new KafkaTimeoutException(
                $"{Broker} did not answer {overdue.Key} within {overdue.Timeout.TotalMilliseconds:0} ms (request.timeout.ms); "
                + "the connection was cut."));
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Debug, "Connected to {Broker}")]
        public static partial void Connected(ILogger logger, BrokerAddress broker);

        [LoggerMessage(1002, LogLevel.Debug, "{Broker} closed the connection")]
        public static partial void Closed(ILogger logger, BrokerAddress broker);

        [LoggerMessage(1003, LogLevel.Information, "The connection to {Broker} broke: {Reason}")]
        public static partial void Broken(ILogger logger, BrokerAddress broker, string reason);

        [LoggerMessage(1004, LogLevel.Warning, "{Broker} did not answer {Api} within {Milliseconds} ms; the connection is cut")]
        public static partial void Overdue(ILogger logger, BrokerAddress broker, ApiKey api, double milliseconds);
    }
}
