using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Transactions;

/// <summary>Transactions from end to end, in both protocols.</summary>
public sealed class TransactionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Committed_records_are_seen_and_aborted_ones_are_not(bool second)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var producer = new TransactionClient(client, "x", second);
        Assert.Equal(ErrorCode.None, await producer.InitializeAsync());
        await producer.ProduceAsync("t", "a", "b");
        Assert.Equal([], await client.ReadCommittedAsync("t"));
        Assert.Equal(ErrorCode.None, await producer.CommitAsync());
        await producer.ProduceAsync("t", "c");
        Assert.Equal(ErrorCode.None, await producer.AbortAsync());
        await producer.ProduceAsync("t", "d");
        Assert.Equal(ErrorCode.None, await producer.CommitAsync());
        Assert.Equal(["a", "b", "d"], await client.ReadCommittedAsync("t"));
        // Who reads everything is told nothing of aborted transactions, and gets their records.
        var all = await client.FetchAsync("t", 3);
        Assert.Null(all.AbortedTransactions);
        Assert.Contains("c", Batches.Read(all.Records).Select(r => r.Value));
    }

    [Fact]
    public async Task An_open_transaction_holds_back_readers_of_committed_records_only()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Of("before"));
        var producer = new TransactionClient(client, "x");
        await producer.InitializeAsync();
        await producer.ProduceAsync("t", "open");
        await client.ProduceAsync("t", Batches.Of("after"));
        Assert.Equal((1, 3), (await client.EndAsync("t", 1), await client.EndAsync("t", 0)));
        Assert.Equal(["before"], await client.ReadCommittedAsync("t"));
        // Between the last stable offset and the high watermark there is nothing, which is no error.
        var between = (await client.SendAsync(TransactionReading.Committed("t", 2), 12)).Responses[0].Partitions[0];
        Assert.Equal((0, 0, 1L, 3L), (between.ErrorCode, between.Records!.Value.Length, between.LastStableOffset, between.HighWatermark));
        await producer.CommitAsync();
        Assert.Equal(4, await client.EndAsync("t", 1));
        Assert.Equal(["before", "open", "after"], await client.ReadCommittedAsync("t"));
    }

    [Fact]
    public async Task A_marker_wakes_a_waiting_reader_of_committed_records()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await using var reader = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var producer = new TransactionClient(client, "x", second: true);
        await producer.InitializeAsync();
        await producer.ProduceAsync("t", "a");
        var waiting = reader.SendAsync(TransactionReading.Committed("t", 0, maxWaitMs: int.MaxValue), 12);
        await producer.ProduceAsync("t", "b");
        Assert.False(waiting.IsCompleted);
        await producer.CommitAsync();
        var data = (await waiting).Responses[0].Partitions[0];
        Assert.Equal(3, data.LastStableOffset);
        Assert.NotEqual(0, data.Records!.Value.Length);
    }

    [Fact]
    public async Task ApiVersions_finalizes_the_second_protocol()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        foreach (var version in (short[])[3, 4])
        {
            var response = await client.SendAsync(
                new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" }, version);
            Assert.True(response.FinalizedFeaturesEpoch >= 0);
            var finalized = Assert.Single(response.FinalizedFeatures, f => f.Name == "transaction.version");
            Assert.Equal((2, 2), (finalized.MinVersionLevel, finalized.MaxVersionLevel));
            // Old clients refuse a feature that may be off.
            Assert.Equal(version == 4, response.SupportedFeatures.Any(f => f.Name == "transaction.version"));
        }
    }

    [Theory]
    [InlineData(10, ErrorCode.InvalidTxnState)]
    [InlineData(11, ErrorCode.TransactionAbortable)]
    [InlineData(12, ErrorCode.None)]
    public async Task A_partition_must_be_added_by_clients_that_do_not_leave_it_to_the_broker(int version, ErrorCode expected)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var producer = new TransactionClient(client, "x");
        await producer.InitializeAsync();
        Assert.Equal(expected, (ErrorCode)(await producer.SendAsync("t", 0, (short)version, "a")).ErrorCode);
        // A zombie's late record cannot open a transaction that nobody would end.
        Assert.Equal(expected == ErrorCode.None ? 0 : await client.EndAsync("t", 0), await client.EndAsync("t", 1));
    }

    [Fact]
    public async Task A_write_to_several_partitions_begins_the_transaction_in_all()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 3);
        var producer = new TransactionClient(client, "x", second: true);
        await producer.InitializeAsync();
        var request = new ProduceRequest
        {
            TransactionalId = "x",
            Acks = -1,
            TopicData =
            [
                new()
                {
                    Name = "t",
                    PartitionData = [.. Enumerable.Range(0, 3).Select(p => new ProduceRequest.PartitionProduceData
                    {
                        Index = p,
                        Records = Batches.By(new(producer.ProducerId, producer.Epoch, 0, true), $"p{p}"),
                    })],
                },
            ],
        };
        var response = await client.SendAsync(request, 12);
        Assert.All(response.Responses[0].PartitionResponses, p => Assert.Equal(0, p.ErrorCode));
        var described = await producer.DescribeAsync();
        Assert.Equal([0, 1, 2], described.Topics[0].Partitions);
        await producer.CommitAsync();
        for (var partition = 0; partition < 3; partition++)
            Assert.Equal([$"p{partition}"], await client.ReadCommittedAsync("t", partition));
    }

    [Fact]
    public async Task A_transactional_batch_needs_a_transactional_id_and_a_producer()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var nameless = await client.ProduceAsync("t", Batches.By(new(5, 0, 0, true), "a"));
        Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, (ErrorCode)nameless.ErrorCode);
        var nobody = Brokers.Produce("t", Batches.By(new(-1, -1, -1, true), "a"));
        nobody.TransactionalId = "x";
        var refused = (await client.SendAsync(nobody, 12)).Responses[0].PartitionResponses[0];
        Assert.Equal(ErrorCode.InvalidRecord, (ErrorCode)refused.ErrorCode);
        Assert.Equal(0, await client.EndAsync("t", 0));
    }

    [Fact]
    public async Task Batches_of_several_producers_in_one_request_are_all_refused()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 2);
        var producer = new TransactionClient(client, "x", second: true);
        await producer.InitializeAsync();
        var own = Batches.By(new(producer.ProducerId, producer.Epoch, 0, true), "a");
        foreach (var other in new[] { Batches.By(new(99, 0, 0, true), "b"), Batches.By(new(producer.ProducerId, 7, 0, true), "b") })
        {
            var request = Brokers.Produce("t", own);
            request.TransactionalId = "x";
            request.TopicData[0].PartitionData = [new() { Records = own }, new() { Index = 1, Records = other }];
            var refused = (await client.SendAsync(request, 12)).Responses[0].PartitionResponses;
            Assert.Equal([0, 1], refused.Select(p => p.Index));
            Assert.All(refused, p => Assert.Equal(ErrorCode.InvalidProducerIdMapping, (ErrorCode)p.ErrorCode));
        }

        Assert.Equal(0, await client.EndAsync("t", 0));
        Assert.Equal("Empty", (await producer.DescribeAsync()).TransactionState);
    }

    [Fact]
    public async Task A_batch_outside_of_the_open_transaction_is_refused()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var producer = new TransactionClient(client, "x", second: true);
        await producer.InitializeAsync();
        await producer.ProduceAsync("t", "a");
        var outside = await client.ProduceAsync("t", Batches.Idempotent(producer.ProducerId, producer.Epoch, 1, "b"));
        Assert.Equal(ErrorCode.InvalidTxnState, (ErrorCode)outside.ErrorCode);
    }
}
