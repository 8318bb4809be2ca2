using System.Threading.Channels;
using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Producing;

/// <summary>
/// Sends the ready batches of all partitions that one broker leads: one loop sends, several requests ahead; one handles the answers in the
/// order of requests.
/// </summary>
/// <remarks>Partitions are queued from any thread; the loops own the rest.</remarks>
internal sealed partial class BrokerSender
{
    // The most that the request's own fields and one partition's take, names aside.
    private const int RequestOverhead = 256;

    // Version 13 names topics by id; names work everywhere and say more.
    private const short HighestVersion = 12;

    private readonly RecordAccumulator _accumulator;
    private readonly ILogger _logger;
    private readonly WakeSignal _work = new();
    private readonly Channel<ProduceCall> _calls = Channel.CreateUnbounded<ProduceCall>(new() { SingleReader = true, SingleWriter = true });
    private readonly Task _sending;
    private readonly Task _receiving;

    // Guards the following.
    private readonly Lock _lock = new();
    private readonly Queue<PartitionQueue> _ready = new();

    private int _inFlight;
    private long _throttledUntil;
    private int _failures;

    public BrokerSender(RecordAccumulator accumulator, int brokerId)
    {
        _accumulator = accumulator;
        BrokerId = brokerId;
        _logger = accumulator.Client.Options.LoggerFactory.CreateLogger<BrokerSender>();
        _sending = SendLoopAsync();
        _receiving = ReceiveLoopAsync();
    }

    public int BrokerId { get; }

    /// <summary>Takes note of a partition that has something to send.</summary>
    public void Enqueue(PartitionQueue partition)
    {
        lock (_lock)
            _ready.Enqueue(partition);
        _work.Wake();
    }

    /// <summary>Ends both loops; the producer is stopped already.</summary>
    public async Task StopAsync()
    {
        _work.Wake();
        await _sending.ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
    }

    private async Task SendLoopAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!_accumulator.Stopped.IsCancellationRequested)
        {
            try
            {
                await WaitForTurnAsync().ConfigureAwait(false);
                if (await ConnectAsync().ConfigureAwait(false) is { } connection)
                    await SendAllAsync(connection).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_accumulator.Stopped.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // Whatever it is, the loop must live: batches that are left wait for it.
                Log.Failed(_logger, BrokerId, e);
                await DelayAsync(_accumulator.BackoffTicks(++_failures)).ConfigureAwait(false);
                _work.Wake();
            }
        }

        _calls.Writer.TryComplete();
    }

    private async ValueTask WaitForTurnAsync()
    {
        while (!_accumulator.Stopped.IsCancellationRequested)
        {
            await _work.WaitAsync().ConfigureAwait(false);
            var throttled = Volatile.Read(ref _throttledUntil) - _accumulator.Now;
            if (throttled > 0)
                await DelayAsync(throttled).ConfigureAwait(false);
            lock (_lock)
            {
                if (_ready.Count > 0)
                    return;
            }
        }
    }

    private async ValueTask<(BrokerConnection Connection, ProducerIdentity Identity)?> ConnectAsync()
    {
        _accumulator.Stopped.ThrowIfCancellationRequested();
        try
        {
            if (!_accumulator.Client.Pool.TryGet(BrokerId, out var node))
                throw new ConnectionException($"Broker {BrokerId} is not part of the cluster any more.");
            var connection = await node.ConnectAsync(ConnectionPurpose.Produce, _accumulator.Stopped).ConfigureAwait(false);
            var identity = await _accumulator.IdentityAsync().ConfigureAwait(false);
            _failures = 0;
            return (connection, identity);
        }
        catch (KafkaException e)
        {
            Log.Unreachable(_logger, BrokerId, e.Message);
            RejectOrKeep(e);
            await DelayAsync(_accumulator.BackoffTicks(++_failures)).ConfigureAwait(false);
            _work.Wake();
            return null;
        }
    }

    // An error that waiting does not heal fails what is ready; otherwise it waits here, or goes to another broker when the metadata say so.
    private void RejectOrKeep(KafkaException error)
    {
        PartitionQueue[] partitions;
        lock (_lock)
        {
            // Those that have gone to another broker are queued there.
            partitions = [.. _ready.Where(partition => partition.Sender == this)];
            _ready.Clear();
            foreach (var partition in partitions)
                _ready.Enqueue(partition);
        }

        if (error.IsRetriable || error is ClientClosedException)
        {
            foreach (var topic in partitions.Select(partition => partition.Topic.Name).Distinct())
                _accumulator.RefreshTopic(topic);
            return;
        }

        foreach (var batch in Collect(ProducerIdentity.None).Batches)
            batch.Partition.Fail(batch, ProduceVerdict.Reject, error);
    }

    private async ValueTask SendAllAsync((BrokerConnection Connection, ProducerIdentity Identity) link)
    {
        while (link.Connection.IsOpen && Volatile.Read(ref _inFlight) < _accumulator.Options.MaxInFlight)
        {
            var call = Collect(link.Identity);
            if (call.Batches.Count == 0)
                return;
            Interlocked.Increment(ref _inFlight);
            await SendAsync(link.Connection, call).ConfigureAwait(false);
            _calls.Writer.TryWrite(call);
        }

        // A connection that broke in between: the next turn opens another.
        if (!link.Connection.IsOpen)
            _work.Wake();
    }

    // Each partition gives one batch at most; it queues behind the others for its next.
    private ProduceCall Collect(ProducerIdentity identity)
    {
        var call = new ProduceCall();
        var room = _accumulator.Options.MaxRequestSize - RequestOverhead;
        int turns;
        lock (_lock)
            turns = _ready.Count;
        for (; turns > 0; turns--)
        {
            PartitionQueue? partition;
            lock (_lock)
            {
                if (!_ready.TryDequeue(out partition))
                    break;
            }

            var batch = partition.Take(this, call.Batches.Count == 0 ? int.MaxValue : room, identity, out var tooLarge);
            if (tooLarge)
            {
                lock (_lock)
                    _ready.Enqueue(partition);
            }

            if (batch is null)
                continue;
            call.Batches.Add(batch);
            room -= batch.SizeInBytes + RequestOverhead + partition.Topic.Name.Length;
        }

        return call;
    }

    private async ValueTask SendAsync(BrokerConnection connection, ProduceCall call)
    {
        var options = _accumulator.Options;
        try
        {
            var version = connection.Versions.Choose<ProduceRequest, ProduceResponse>(
                _accumulator.Transactions?.MaxProduceVersion ?? HighestVersion);
            var request = Request(call, options, (int)_accumulator.Client.Options.RequestTimeout.TotalMilliseconds);
            var pending = await connection.BeginAsync<ProduceRequest, ProduceResponse>(
                request, version, CancellationToken.None, expectResponse: options.Acks != Acks.None).ConfigureAwait(false);
            call.Pending = options.Acks == Acks.None ? null : pending;
        }
        catch (ConnectionException e)
        {
            call.SendError = e;
        }
        catch (Exception e)
        {
            // It could not even be written down, and never will be.
            call.SendError = e as KafkaException ?? new KafkaException($"A produce request cannot be written: {e.Message}", e);
            call.IsHopeless = true;
        }
    }

    private static ProduceRequest Request(ProduceCall call, ProducerOptions options, int timeoutMs)
    {
        var topics = new List<ProduceRequest.TopicProduceData>();
        foreach (var group in call.Batches.GroupBy(batch => batch.Partition.Topic))
        {
            topics.Add(new ProduceRequest.TopicProduceData
            {
                Name = group.Key.Name,
                PartitionData = [.. group.Select(
                    batch => new ProduceRequest.PartitionProduceData { Index = batch.Partition.Index, Records = batch.Finish() })],
            });
        }

        return new ProduceRequest
        {
            TransactionalId = options.TransactionalId,
            Acks = (short)options.Acks,
            TimeoutMs = timeoutMs,
            TopicData = [.. topics],
        };
    }

    private async ValueTask DelayAsync(long ticks)
    {
        var clock = _accumulator.Client.Options.TimeProvider;
        try
        {
            await Task.Delay(clock.GetElapsedTime(0, ticks), clock, _accumulator.Stopped).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees for itself that it is over.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1221, LogLevel.Debug, "Broker {BrokerId} cannot be produced to: {Reason}")]
        public static partial void Unreachable(ILogger logger, int brokerId, string reason);

        [LoggerMessage(1222, LogLevel.Error, "Sending to broker {BrokerId} failed unexpectedly; it is tried again")]
        public static partial void Failed(ILogger logger, int brokerId, Exception error);

        [LoggerMessage(1223, LogLevel.Information, "Producing to {Topic}-{Partition} failed, it is tried again: {Reason}")]
        public static partial void Retried(ILogger logger, string topic, int partition, string reason);
    }
}
