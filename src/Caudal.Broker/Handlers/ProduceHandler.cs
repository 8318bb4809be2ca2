// Produce (0), versions 3-13; 0-2 are advertised only (KAFKA-18659) and close the connection, as in Kafka 4.
// * Each partition takes exactly one batch of magic 2. More, fewer or older ones: INVALID_RECORD. zstd needs version 7
//   (UNSUPPORTED_COMPRESSION_TYPE).
// * acks 1 and all mean the same, the nodes having one log between them: the answer goes out once the log's durability mode holds.
//   acks 0 is never answered; an error closes the connection, the only way to tell the producer. Other values: INVALID_REQUIRED_ACKS.
// * A node that does not lead the partition answers NOT_LEADER_OR_FOLLOWER and, from version 10 on, who does (KIP-951). acks all with fewer
//   replicas in sync than min.insync.replicas: NOT_ENOUGH_REPLICAS.
// * Topics are never created here. By id (version 13): an id that is not known gives UNKNOWN_TOPIC_ID.
// * The broker's own topics take records from __admin_client only (INVALID_TOPIC_EXCEPTION).
// * Transactional batches: version 12 and later add the partition to the transaction; before, it must have been added: version 11 is told
//   TRANSACTION_ABORTABLE, older ones INVALID_TXN_STATE. Without a transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED for all
//   partitions.
//   Batches of several producers, or epochs, in one request: INVALID_PRODUCER_ID_MAPPING for all partitions.
// * A topic with a compression.type of its own stores batches with that codec: those that come with another are unpacked and packed again.
// * Records without keys in a compacted topic, and records whose time is out of range, are named (RecordErrors, version 8 and later).
// * The batch's bytes are patched in the received frame (offset, leader epoch, perhaps log append time) and written from there: no copy
//   before the log.
using System.Runtime.InteropServices;
using Caudal.Broker.Answers;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;
using Caudal.Broker.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;
using Caudal.Storage;
using PartitionData = Caudal.Protocol.Messages.ProduceRequest.PartitionProduceData;
using PartitionResponse = Caudal.Protocol.Messages.ProduceResponse.PartitionProduceResponse;

namespace Caudal.Broker.Handlers;

/// <summary>Appends batches to partitions.</summary>
internal sealed class ProduceHandler(ClusterNodes nodes, TopicRegistry topics, TransactionalProduce transactional)
    : RequestHandler<ProduceRequest, ProduceResponse>
{
    private const string AdminClient = "__admin_client";
    private const int Zstd = 4;

    // Of the two bytes at 21 the lower one, which stands behind (KIP-98).
    private const int AttributesAt = 22;
    private const byte TransactionalBit = 1 << 4;

    /// <inheritdoc/>
    public override short AdvertisedMin => 0;

    /// <inheritdoc/>
    protected override async ValueTask<ProduceResponse?> HandleAsync(RequestContext context, ProduceRequest request, Reply reply)
    {
        if (request.TransactionalId is { } transactionalId)
        {
            var batches = FindTransactional(request, context);
            if (!TransactionalProduce.HasOneProducer(batches))
                return Refuse(request, context, reply, ErrorCode.InvalidProducerIdMapping);
            await transactional.PrepareAsync(transactionalId, context.ApiVersion, batches).ConfigureAwait(false);
        }
        else if (HasTransactional(request))
        {
            return Refuse(request, context, reply, ErrorCode.TransactionalIdAuthorizationFailed);
        }

        var appends = new List<PendingAppend>();
        var responses = new ProduceResponse.TopicProduceResponse[request.TopicData.Length];
        // All partitions start before the first is awaited: those that wait for the disk wait for the same one.
        for (var t = 0; t < responses.Length; t++)
        {
            var data = request.TopicData[t];
            var (topic, error) = Find(data, context.ApiVersion);
            var partitions = new PartitionResponse[data.PartitionData.Length];
            for (var p = 0; p < partitions.Length; p++)
            {
                partitions[p] = new PartitionResponse { Index = data.PartitionData[p].Index, BaseOffset = -1 };
                var log = topic?.Partition(partitions[p].Index);
                var appending = Append(context, request, topic, error, log, data.PartitionData[p]);
                appends.Add(new PendingAppend(partitions[p], data.PartitionData[p].Records, topic, log, appending));
            }

            responses[t] = new() { Name = data.Name, TopicId = data.TopicId, PartitionResponses = partitions };
        }

        // Appends of no transaction are made at once, in the order of the requests.
        reply.AwaitsDisk = request.TransactionalId is null;
        var failed = false;
        var hints = new LeaderHints(nodes, context, since: 10);
        foreach (var append in appends)
        {
            var (response, result) = (append.Response, await append.Result.ConfigureAwait(false));
            response.ErrorCode = (short)result.Error;
            response.BaseOffset = result.BaseOffset;
            response.LogAppendTimeMs = result.LogAppendTimeMs;
            response.LogStartOffset = result.LogStartOffset;
            response.ErrorMessage = result.Message;
            if (result.Faults is { } faults)
            {
                response.RecordErrors = [.. faults.Select(static fault => new ProduceResponse.BatchIndexAndErrorMessage
                {
                    BatchIndex = fault.Index,
                    BatchIndexErrorMessage = fault.Message,
                })];
            }

            if (result.Error == ErrorCode.NotLeaderOrFollower && append is { Topic: { } misplaced, Log: not null })
            {
                var (leader, epoch) = hints.Of(misplaced, response.Index);
                response.CurrentLeader = new() { LeaderId = leader, LeaderEpoch = epoch };
            }

            failed |= result.Error != ErrorCode.None;
            if (result.Error == ErrorCode.None && append.Records is { } appended)
                context.Meter?.Produced(appended.Span);
        }

        if (request.Acks != 0)
            return new ProduceResponse { Responses = responses, NodeEndpoints = hints.ForProduce() };
        if (failed)
            reply.CloseConnection();
        return null;
    }

    private (Topic? Topic, ErrorCode Error) Find(ProduceRequest.TopicProduceData data, short version)
    {
        if (version >= 13)
            return topics.TryGet(data.TopicId, out var byId) ? (byId, ErrorCode.None) : (null, ErrorCode.UnknownTopicId);
        return topics.TryGet(data.Name, out var byName) ? (byName, ErrorCode.None) : (null, ErrorCode.UnknownTopicOrPartition);
    }

    // Every partition gets the error, as in Kafka, whatever it was sent.
    private static ProduceResponse? Refuse(ProduceRequest request, RequestContext context, Reply reply, ErrorCode error)
    {
        if (request.Acks != 0)
            return ErrorAnswers.Fail(request, context.ApiVersion, error);
        reply.CloseConnection();
        return null;
    }

    private static bool HasTransactional(ProduceRequest request)
    {
        foreach (var topic in request.TopicData)
        {
            foreach (var partition in topic.PartitionData)
            {
                // One bit of the header: the batch is looked at properly when it is appended.
                if (partition.Records is { Length: > AttributesAt } records && (records.Span[AttributesAt] & TransactionalBit) != 0)
                    return true;
            }
        }

        return false;
    }

    // What may be appended, as far as one look tells; the appends check the rest.
    private List<(PartitionLog Log, ReadOnlyMemory<byte> Batch)> FindTransactional(ProduceRequest request, RequestContext context)
    {
        var found = new List<(PartitionLog, ReadOnlyMemory<byte>)>();
        foreach (var data in request.TopicData)
        {
            var (topic, _) = Find(data, context.ApiVersion);
            foreach (var partition in topic is null ? [] : data.PartitionData)
            {
                if (Check(partition.Records, context.ApiVersion) is (ErrorCode.None, _, true)
                    && topic!.Partition(partition.Index) is { } log)
                    found.Add((log, partition.Records!.Value));
            }
        }

        return found;
    }

    private ValueTask<AppendResult> Append(
        RequestContext context, ProduceRequest request, Topic? topic, ErrorCode error, PartitionLog? log, PartitionData data)
    {
        if (request.Acks is not (0 or 1 or -1))
            return Refuse(ErrorCode.InvalidRequiredAcks, $"acks is {request.Acks}; 0, 1 and -1 (all) are allowed.");
        if (topic is null)
            return Refuse(error, null);
        if (log is null)
            return Refuse(
                ErrorCode.UnknownTopicOrPartition, $"Topic {topic.Name} has no partition {data.Index}; it has {topic.Partitions.Length}.");
        if (topic.CheckLeader(data.Index, context) is var elsewhere and not ErrorCode.None)
            return Refuse(elsewhere, null);
        if (topic.IsInternal && context.ClientId != AdminClient)
            return Refuse(ErrorCode.InvalidTopicException, $"Topic {topic.Name} belongs to the broker: clients may not write to it.");
        var (fault, message, isTransactional) = Check(data.Records, context.ApiVersion);
        if (fault != ErrorCode.None)
            return Refuse(fault, message);
        if (request.Acks == -1 && topic.Placement(data.Index).Isr.Length is var inSync && inSync < topic.MinInSync)
        {
            return Refuse(
                ErrorCode.NotEnoughReplicas,
                $"The size of the current ISR {inSync} is insufficient to satisfy the min.isr requirement of {topic.MinInSync} "
                + $"for partition {topic.Name}-{data.Index}");
        }

        // The frame is this request's alone until its answer: its records may be patched where they lie. Not cancelled: what came in whole
        // is written.
        var batch = MemoryMarshal.AsMemory(data.Records!.Value);
        if (topic.Compression is { } compression)
            batch = compression.Apply(batch, log.Config.MaxMessageBytes);
        return isTransactional
            ? transactional.AppendAsync(request.TransactionalId!, context.ApiVersion, log, batch)
            : log.AppendAsync(batch, AppendOrigin.Client, CancellationToken.None);
    }

    private static (ErrorCode Error, string? Message, bool IsTransactional) Check(ReadOnlyMemory<byte>? records, short version)
    {
        if (records is not { Length: > 0 } bytes)
            return (ErrorCode.InvalidRecord, "Produce requests must have at least one record batch a partition.", false);
        try
        {
            if (!RecordBatchView.TryRead(bytes.Span, out var batch))
                return (ErrorCode.InvalidRecord, "The record batch is longer than what was sent of it.", false);
            if (batch.SizeInBytes != bytes.Length)
                return (ErrorCode.InvalidRecord, "Produce requests must have exactly one record batch a partition.", false);
            if (batch.Codec == Zstd && version < 7)
                return (ErrorCode.UnsupportedCompressionType, $"Produce version {version} may not use ZStandard compression.", false);
            if (batch.IsTransactional && batch.ProducerId < 0)
                return (ErrorCode.InvalidRecord, "The record batch belongs to a transaction but names no producer.", false);
            return (ErrorCode.None, null, batch.IsTransactional);
        }
        catch (ProtocolException e)
        {
            return (ErrorCode.InvalidRecord, e.Message, false);
        }
    }

    private static ValueTask<AppendResult> Refuse(ErrorCode error, string? message) => new(new AppendResult(error, -1, -1, -1, message));

    private readonly record struct PendingAppend(
        PartitionResponse Response, ReadOnlyMemory<byte>? Records, Topic? Topic, PartitionLog? Log, ValueTask<AppendResult> Result);
}
