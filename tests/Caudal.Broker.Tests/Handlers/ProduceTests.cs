using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Tests.Handlers;

public class ProduceTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(12)]
    public async Task Every_version_appends_and_tells_the_offset(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        var first = await client.ProduceAsync("t", Batches.Of("a", "b"), version: version);
        var second = await client.ProduceAsync("t", Batches.Of("c"), version: version, acks: 1);

        Assert.Equal((ErrorCode.None, 0L, -1L), ((ErrorCode)first.ErrorCode, first.BaseOffset, first.LogAppendTimeMs));
        Assert.Equal(2, second.BaseOffset);
        Assert.Equal([(0L, "a"), (1L, "b"), (2L, "c")], Batches.Read((await client.FetchAsync("t", 0)).Records));
    }

    [Fact]
    public async Task By_id_an_unknown_topic_is_told_apart_from_a_missing_partition()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var id = await client.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.None, await TryAsync(id, 0));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await TryAsync(id, 1));
        Assert.Equal(ErrorCode.UnknownTopicId, await TryAsync(Uuid.NewRandom(), 0));

        async Task<ErrorCode> TryAsync(Uuid topic, int partition)
        {
            var request = new ProduceRequest
            {
                Acks = -1,
                TopicData = [new() { TopicId = topic, PartitionData = [new() { Index = partition, Records = Batches.Of("a") }] }],
            };
            var response = await client.SendAsync(request, 13);
            Assert.Equal(topic, response.Responses[0].TopicId);
            return (ErrorCode)response.Responses[0].PartitionResponses[0].ErrorCode;
        }
    }

    [Fact]
    public async Task Producing_never_creates_a_topic()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)(await client.ProduceAsync("t", Batches.Of("a"))).ErrorCode);
        Assert.Empty((await client.SendAsync(new MetadataRequest { Topics = null })).Topics);
    }

    [Fact]
    public async Task Without_acknowledgement_nothing_is_answered_and_the_next_answer_is_the_next_requests()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        await client.PostAsync(Brokers.Produce("t", Batches.Of("a"), acks: 0), 9);
        await client.PostAsync(Brokers.Produce("t", Batches.Of("b"), acks: 0), 9);
        var third = await client.ProduceAsync("t", Batches.Of("c"));

        Assert.Equal(2, third.BaseOffset);
    }

    [Fact]
    public async Task Without_acknowledgement_an_error_closes_the_connection()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        await client.PostAsync(Brokers.Produce("no", Batches.Of("a"), acks: 0), 9);

        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Other_acknowledgements_are_refused()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        Assert.Equal(ErrorCode.InvalidRequiredAcks, (ErrorCode)(await client.ProduceAsync("t", Batches.Of("a"), acks: 2)).ErrorCode);
    }

    [Fact]
    public async Task Anything_but_exactly_one_sound_batch_is_refused()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var batch = Batches.Of("a");
        var old = (byte[])batch.Clone();
        old[RecordBatchHeader.MagicOffset] = 1;
        var broken = (byte[])batch.Clone();
        broken[^1] ^= 1;

        Assert.Equal(ErrorCode.InvalidRecord, await TryAsync(null));
        Assert.Equal(ErrorCode.InvalidRecord, await TryAsync([]));
        Assert.Equal(ErrorCode.InvalidRecord, await TryAsync([.. batch, .. batch]));
        Assert.Equal(ErrorCode.InvalidRecord, await TryAsync(batch[..^1]));
        Assert.Equal(ErrorCode.InvalidRecord, await TryAsync(old));
        Assert.Equal(ErrorCode.CorruptMessage, await TryAsync(broken));
        Assert.Equal(0, (await client.FetchAsync("t", 0)).HighWatermark);

        async Task<ErrorCode> TryAsync(byte[]? records) => (ErrorCode)(await client.ProduceAsync("t", records)).ErrorCode;
    }

    [Fact]
    public async Task Zstd_needs_version_7()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var batch = Batches.Compressed(4, "a");

        Assert.Equal(ErrorCode.UnsupportedCompressionType, (ErrorCode)(await client.ProduceAsync("t", batch, version: 6)).ErrorCode);
        Assert.Equal(ErrorCode.None, (ErrorCode)(await client.ProduceAsync("t", batch, version: 7)).ErrorCode);
    }

    [Fact]
    public async Task Too_large_a_batch_is_refused_by_the_topics_own_limit()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "max.message.bytes=1000");

        Assert.Equal(ErrorCode.MessageTooLarge, (ErrorCode)(await client.ProduceAsync("t", Batches.OfSize(1000))).ErrorCode);
        Assert.Equal(ErrorCode.None, (ErrorCode)(await client.ProduceAsync("t", Batches.OfSize(900))).ErrorCode);
    }

    [Fact]
    public async Task A_repeated_batch_of_the_last_five_succeeds_with_its_first_offset_and_a_gap_is_refused()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var id = (await client.SendAsync(new InitProducerIdRequest { TransactionalId = null })).ProducerId;
        for (var i = 0; i < 6; i++)
            await client.ProduceAsync("t", Batches.Idempotent(id, 0, i, $"v{i}"));

        var repeated = await client.ProduceAsync("t", Batches.Idempotent(id, 0, 1, "v1"));
        var gap = await client.ProduceAsync("t", Batches.Idempotent(id, 0, 7, "v7"));
        var next = await client.ProduceAsync("t", Batches.Idempotent(id, 0, 6, "v6"));

        Assert.Equal((ErrorCode.None, 1L), ((ErrorCode)repeated.ErrorCode, repeated.BaseOffset));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (ErrorCode)gap.ErrorCode);
        Assert.Equal(6, next.BaseOffset);
    }

    [Fact]
    public async Task Log_append_time_is_told_and_given_to_the_records()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "message.timestamp.type=LogAppendTime");

        var produced = await client.ProduceAsync("t", Batches.Of("a"));
        var records = (await client.FetchAsync("t", 0)).Records!.Value;

        Assert.True(produced.LogAppendTimeMs > 1_600_000_000_000);
        var batch = RecordBatchView.Read(records.Span);
        Assert.Equal(
            (TimestampType.LogAppendTime, produced.LogAppendTimeMs, true), (batch.TimestampType, batch.MaxTimestamp, batch.HasValidCrc));
    }

    [Fact]
    public async Task The_brokers_own_topics_take_records_from_the_admin_client_only()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await using var admin = await TestClient.ConnectAsync(broker, "__admin_client");
        await client.DescribeAsync("__consumer_offsets", create: true);

        Assert.Equal(
            ErrorCode.InvalidTopicException, (ErrorCode)(await client.ProduceAsync("__consumer_offsets", Batches.Of("a"))).ErrorCode);
        // It is a compacted topic, so that a record without a key goes no further than the log's own check.
        Assert.Equal(ErrorCode.InvalidRecord, (ErrorCode)(await admin.ProduceAsync("__consumer_offsets", Batches.Of("a"))).ErrorCode);
    }

    [Fact]
    public async Task Producer_ids_are_different_with_and_without_transactions()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        var first = await client.SendAsync(new InitProducerIdRequest { TransactionalId = null }, 0);
        var second = await client.SendAsync(new InitProducerIdRequest { TransactionalId = null });
        var transactional = await client.SendAsync(new InitProducerIdRequest { TransactionalId = "tx", TransactionTimeoutMs = 1000 });

        Assert.Equal(3, new HashSet<long> { first.ProducerId, second.ProducerId, transactional.ProducerId }.Count);
        Assert.Equal((0, ErrorCode.None), (first.ProducerEpoch, (ErrorCode)first.ErrorCode));
        Assert.Equal((0, ErrorCode.None), (transactional.ProducerEpoch, (ErrorCode)transactional.ErrorCode));
    }
}
