using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Transactions;

/// <summary>A fake cluster with a topic <c>t</c>, and a producer <c>p</c> with transactions.</summary>
internal sealed class TransactionFixture : IAsyncDisposable
{
    private readonly KafkaClient _client;

    public TransactionFixture(bool second, int partitions = 1, ProducerOptions? options = null)
    {
        Cluster.Transactions.IsSecondVersion = second;
        Topic = Cluster.AddTopic("t", partitions);
        _client = new KafkaClient(Cluster.ClientOptions);
        Options = (options ?? new ProducerOptions()) with { TransactionalId = "p" };
        Producer = NewProducer();
    }

    public FakeCluster Cluster { get; } = new();

    public FakePartition[] Topic { get; }

    public ProducerOptions Options { get; }

    public Producer<string?, string?> Producer { get; }

    public Producer<string?, string?> NewProducer() => _client.CreateProducer(TestTexts.Options(Options));

    /// <summary>Commits one record.</summary>
    public async Task CommitAsync(string value)
    {
        var token = TestContext.Current.CancellationToken;
        await using var transaction = await Producer.BeginTransactionAsync(token);
        await transaction.ProduceAsync(TestTexts.Record("t", value), token);
        await transaction.CommitAsync(token);
    }

    /// <summary>Answers the next requests of an API with an error, without any effect.</summary>
    public void Refuse(ApiKey key, ErrorCode code, int times) => Cluster.Script = call =>
    {
        if (call.Key != key || Interlocked.Decrement(ref times) < 0)
            return default;
        return ValueTask.FromResult(key switch
        {
            ApiKey.Produce => ProduceFaults.Error(code)(call),
            ApiKey.InitProducerId => new FakeReply(new InitProducerIdResponse { ErrorCode = (short)code, ProducerEpoch = -1 }),
            ApiKey.AddOffsetsToTxn => new FakeReply(new AddOffsetsToTxnResponse { ErrorCode = (short)code }),
            ApiKey.EndTxn => new FakeReply(new EndTxnResponse { ErrorCode = (short)code }),
            ApiKey.AddPartitionsToTxn => new FakeReply(FakeTransactions.Answer(call.Read<AddPartitionsToTxnRequest>(), code)),
            _ => new FakeReply(new TxnOffsetCommitResponse
            {
                Topics = [new()
                {
                    Name = "in",
                    Partitions = [new() { PartitionIndex = 0, ErrorCode = (short)code }],
                }],
            }),
        });
    };

    public async ValueTask DisposeAsync()
    {
        await Producer.DisposeAsync();
        await _client.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
