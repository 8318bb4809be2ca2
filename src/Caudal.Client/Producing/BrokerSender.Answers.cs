using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Producing;

/// <content>The answers, in the order of requests.</content>
internal sealed partial class BrokerSender
{
    private async Task ReceiveLoopAsync()
    {
        await foreach (var call in _calls.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await AnswerAsync(call).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Log.Failed(_logger, BrokerId, e);
                FailAll(call, new ProtocolException($"An answer of broker {BrokerId} could not be understood: {e.Message}", e));
            }

            Interlocked.Decrement(ref _inFlight);
            _work.Wake();
        }
    }

    private async ValueTask AnswerAsync(ProduceCall call)
    {
        if (call.SendError is { } error)
        {
            FailAll(call, error);
            return;
        }

        if (call.Pending is null)
        {
            foreach (var batch in call.Batches)
                batch.Partition.Acknowledge(batch, -1, -1);
            return;
        }

        RawResponse raw;
        try
        {
            raw = await call.Pending.ResponseAsync(_accumulator.Stopped).ConfigureAwait(false);
        }
        catch (KafkaException e)
        {
            FailAll(call, e);
            return;
        }
        catch (OperationCanceledException)
        {
            FailAll(call, new ClientClosedException("The producer was closed."));
            return;
        }

        Answer(call, raw.ReadAndDispose<ProduceResponse>());
    }

    private void FailAll(ProduceCall call, KafkaException error)
    {
        var verdict = call.IsHopeless ? ProduceVerdict.Reject : ProduceVerdict.Unsure;
        foreach (var batch in call.Batches)
        {
            Log.Retried(_logger, batch.Partition.Topic.Name, batch.Partition.Index, error.Message);
            batch.Partition.Fail(batch, verdict, error);
            _accumulator.RefreshTopic(batch.Partition.Topic.Name);
        }
    }

    private void Answer(ProduceCall call, ProduceResponse response)
    {
        foreach (var batch in call.Batches)
        {
            if (Find(response, batch.Partition) is { } answer)
                Answer(batch, answer, response.NodeEndpoints);
            else
                batch.Partition.Fail(
                    batch,
                    ProduceVerdict.Unsure,
                    new ProtocolException($"Broker {BrokerId} did not answer for {batch.Partition.Topic.Name}-{batch.Partition.Index}."));
        }

        if (response.ThrottleTimeMs > 0)
        {
            // KIP-219: the broker has answered at once and counts on the client to wait.
            var frequency = _accumulator.Client.Options.TimeProvider.TimestampFrequency;
            Volatile.Write(ref _throttledUntil, _accumulator.Now + (response.ThrottleTimeMs * frequency / 1000));
        }
    }

    private void Answer(ProducerBatch batch, ProduceResponse.PartitionProduceResponse answer, ProduceResponse.NodeEndpoint[] endpoints)
    {
        var partition = batch.Partition;
        var code = (ErrorCode)answer.ErrorCode;
        if (code is ErrorCode.None or ErrorCode.DuplicateSequenceNumber)
        {
            partition.Acknowledge(batch, code == ErrorCode.None ? answer.BaseOffset : -1, answer.LogAppendTimeMs);
            return;
        }

        var topic = partition.Topic.Name;
        var error = new BrokerErrorException(
            code, $"Producing to {topic}-{partition.Index} failed", Message(answer), topic, partition.Index);
        var verdict = ProduceVerdicts.Of(code, _accumulator.Options.IsIdempotent);
        if (verdict != ProduceVerdict.Reject)
            Log.Retried(_logger, topic, partition.Index, error.Message);
        partition.Fail(batch, verdict, error);
        if (verdict is ProduceVerdict.Retry or ProduceVerdict.Unsure && !LearnLeader(partition, answer.CurrentLeader, endpoints))
            _accumulator.RefreshTopic(topic);
    }

    private bool LearnLeader(PartitionQueue partition, ProduceResponse.LeaderIdAndEpoch leader, ProduceResponse.NodeEndpoint[] endpoints)
    {
        if (leader.LeaderId < 0)
            return false;
        var endpoint = Array.Find(endpoints, candidate => candidate.NodeId == leader.LeaderId);
        var address = endpoint is null ? null : new BrokerAddress(endpoint.NodeId, endpoint.Host, endpoint.Port, endpoint.Rack);
        return _accumulator.Client.Metadata.LearnLeader(
            partition.Topic.Name, partition.Index, leader.LeaderId, leader.LeaderEpoch, address);
    }

    private static string? Message(ProduceResponse.PartitionProduceResponse answer) =>
        answer.RecordErrors is [var first, ..] && first.BatchIndexErrorMessage is { } message
            ? $"{answer.ErrorMessage} Record {first.BatchIndex} of the batch: {message}"
            : answer.ErrorMessage;

    private static ProduceResponse.PartitionProduceResponse? Find(ProduceResponse response, PartitionQueue partition)
    {
        foreach (var topic in response.Responses)
        {
            if (topic.Name != partition.Topic.Name)
                continue;
            foreach (var answer in topic.PartitionResponses)
            {
                if (answer.Index == partition.Index)
                    return answer;
            }
        }

        return null;
    }
}
