using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Tests.Transactions;

/// <summary>A transactional producer, request by request, in the first protocol or in the second (KIP-890).</summary>
internal sealed class TransactionClient(TestClient client, string transactionalId, bool second = false)
{
    /// <summary>The connection; another one after a restart of the broker.</summary>
    public TestClient Client { get; set; } = client;

    private readonly Dictionary<(string, int), int> _sequences = [];

    public long ProducerId { get; set; } = -1;

    public short Epoch { get; set; } = -1;

    /// <summary>The versions that clients of Kafka before 4.0 send, or today's.</summary>
    private short Version(short first, short today) => second ? today : first;

    /// <summary>Asks for an identity and takes it over; with the present one if the producer goes on after an error.</summary>
    public async Task<ErrorCode> InitializeAsync(bool resume = false, int timeoutMs = 60_000, short version = 4)
    {
        var response = await Client.SendAsync(
            new InitProducerIdRequest
            {
                TransactionalId = transactionalId,
                TransactionTimeoutMs = timeoutMs,
                ProducerId = resume ? ProducerId : -1,
                ProducerEpoch = resume ? Epoch : (short)-1,
            },
            version);
        if (response.ErrorCode == 0)
        {
            (ProducerId, Epoch) = (response.ProducerId, response.ProducerEpoch);
            _sequences.Clear();
        }

        return (ErrorCode)response.ErrorCode;
    }

    /// <summary>Adds a partition as clients of the first protocol must.</summary>
    public async Task<ErrorCode> AddAsync(string topic, int partition = 0, short version = 3)
    {
        var response = await Client.SendAsync(
            new AddPartitionsToTxnRequest
            {
                V3AndBelowTransactionalId = transactionalId,
                V3AndBelowProducerId = ProducerId,
                V3AndBelowProducerEpoch = Epoch,
                V3AndBelowTopics = [new() { Name = topic, Partitions = [partition] }],
            },
            version);
        return (ErrorCode)response.ResultsByTopicV3AndBelow[0].ResultsByPartition[0].PartitionErrorCode;
    }

    /// <summary>Writes one batch, without adding its partition.</summary>
    public async Task<ErrorCode> WriteAsync(string topic, int partition, params string[] values)
    {
        var response = await SendAsync(topic, partition, Version(11, 12), values);
        return (ErrorCode)response.ErrorCode;
    }

    /// <summary>Adds the partition if the protocol wants that, and writes.</summary>
    public async Task ProduceAsync(string topic, params string[] values)
    {
        if (!second)
            Assert.Equal(ErrorCode.None, await AddAsync(topic));
        Assert.Equal(ErrorCode.None, await WriteAsync(topic, 0, values));
    }

    public async Task<ProduceResponse.PartitionProduceResponse> SendAsync(
        string topic, int partition, short version, params string[] values)
    {
        var sequence = _sequences.GetValueOrDefault((topic, partition));
        var request = Brokers.Produce(
            topic, Batches.By(new RecordBatchProducer(ProducerId, Epoch, sequence, IsTransactional: true), values), partition);
        request.TransactionalId = transactionalId;
        var response = (await Client.SendAsync(request, version)).Responses[0].PartitionResponses[0];
        if (response.ErrorCode == 0)
            _sequences[(topic, partition)] = sequence + values.Length;
        return response;
    }

    public Task<ErrorCode> CommitAsync() => EndAsync(true);

    public Task<ErrorCode> AbortAsync() => EndAsync(false);

    /// <summary>Ends the transaction; of the second protocol the next identity is taken over.</summary>
    public async Task<ErrorCode> EndAsync(bool commit, short? version = null)
    {
        var response = await Client.SendAsync(
            new EndTxnRequest { TransactionalId = transactionalId, ProducerId = ProducerId, ProducerEpoch = Epoch, Committed = commit },
            version ?? Version(4, 5));
        if (response.ErrorCode == 0 && response.ProducerId >= 0)
        {
            (ProducerId, Epoch) = (response.ProducerId, response.ProducerEpoch);
            _sequences.Clear();
        }

        return (ErrorCode)response.ErrorCode;
    }

    public async Task<ErrorCode> AddOffsetsAsync(string group, short version = 3) =>
        (ErrorCode)(await Client.SendAsync(
            new AddOffsetsToTxnRequest
            {
                TransactionalId = transactionalId,
                ProducerId = ProducerId,
                ProducerEpoch = Epoch,
                GroupId = group,
            },
            version)).ErrorCode;

    public async Task<ErrorCode> CommitOffsetAsync(
        string group, string topic, long offset, int generation = -1, string member = "", string? instance = null, short? version = null)
    {
        var response = await Client.SendAsync(
            new TxnOffsetCommitRequest
            {
                TransactionalId = transactionalId,
                GroupId = group,
                ProducerId = ProducerId,
                ProducerEpoch = Epoch,
                GenerationId = generation,
                MemberId = member,
                GroupInstanceId = instance,
                Topics = [new() { Name = topic, Partitions = [new() { CommittedOffset = offset, CommittedMetadata = "m" }] }],
            },
            version ?? Version(3, 5));
        return (ErrorCode)response.Topics[0].Partitions[0].ErrorCode;
    }

    public async Task<DescribeTransactionsResponse.TransactionStateData> DescribeAsync() =>
        (await Client.SendAsync(new DescribeTransactionsRequest { TransactionalIds = [transactionalId] })).TransactionStates[0];
}
