using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Broker.Tests.Handlers;

// The batches helper stamps the records of a batch 1000, 1001, 1002, … ms.
public class ProduceValidationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Records_from_too_far_ahead_are_named(int codec)
    {
        await using var broker = await StartAt(1001);
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "message.timestamp.after.max.ms=0");

        var refused = await client.ProduceAsync("t", Batches.Compressed(codec, "a", "b", "c"));
        var taken = await client.ProduceAsync("t", Batches.Compressed(codec, "a", "b"));

        Assert.Equal(ErrorCode.InvalidTimestamp, (ErrorCode)refused.ErrorCode);
        var fault = Assert.Single(refused.RecordErrors);
        Assert.Equal(2, fault.BatchIndex);
        Assert.StartsWith(
            "Timestamp 1002 of message with offset 2 is out of range. The timestamp should be within [", fault.BatchIndexErrorMessage);
        Assert.EndsWith(", 1001]", fault.BatchIndexErrorMessage);
        Assert.StartsWith("One or more records have been rejected due to invalid timestamp", refused.ErrorMessage);
        Assert.Equal((ErrorCode.None, 0L), ((ErrorCode)taken.ErrorCode, taken.BaseOffset));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Records_from_too_far_back_are_named(int codec)
    {
        await using var broker = await StartAt(1101);
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "message.timestamp.before.max.ms=100");

        var refused = await client.ProduceAsync("t", Batches.Compressed(codec, "a", "b", "c"));

        Assert.Equal(ErrorCode.InvalidTimestamp, (ErrorCode)refused.ErrorCode);
        Assert.Equal([0], refused.RecordErrors.Select(e => e.BatchIndex));
        Assert.Contains("[1001, ", refused.RecordErrors[0].BatchIndexErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_log_append_time_the_producers_clock_does_not_matter()
    {
        await using var broker = await StartAt(5000);
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "message.timestamp.type=LogAppendTime", "message.timestamp.before.max.ms=0");

        var produced = await client.ProduceAsync("t", Batches.Of("a"));

        Assert.Equal((ErrorCode.None, 5000L), ((ErrorCode)produced.ErrorCode, produced.LogAppendTimeMs));
    }

    [Fact]
    public async Task Records_without_keys_are_named_in_compacted_topics()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "cleanup.policy=compact");

        var refused = await client.ProduceAsync("t", Batches.Of("a", "b"));
        var old = await client.ProduceAsync("t", Batches.Of("a", "b"), version: 7);

        Assert.Equal((ErrorCode.InvalidRecord, ErrorCode.InvalidRecord), ((ErrorCode)refused.ErrorCode, (ErrorCode)old.ErrorCode));
        Assert.Equal([0, 1], refused.RecordErrors.Select(e => e.BatchIndex));
        Assert.Equal(
            "Compacted topic cannot accept message without key in topic partition t-0", refused.RecordErrors[0].BatchIndexErrorMessage);
        Assert.Empty(old.RecordErrors);
    }

    [Fact]
    public async Task A_batch_that_no_segment_holds_is_refused()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "internal.segment.bytes=1000");

        Assert.Equal(ErrorCode.RecordListTooLarge, (ErrorCode)(await client.ProduceAsync("t", Batches.OfSize(1000))).ErrorCode);
        Assert.Equal(ErrorCode.None, (ErrorCode)(await client.ProduceAsync("t", Batches.OfSize(900))).ErrorCode);
    }

    [Fact]
    public async Task Sequence_numbers_go_on_at_0_after_the_largest_also_inside_a_batch()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var id = (await client.SendAsync(new InitProducerIdRequest { TransactionalId = null })).ProducerId;

        // A producer that is not known may begin anywhere. Its records have the numbers 2^31-2, 2^31-1 and 0.
        Assert.Equal((ErrorCode.None, 0L), await TryAsync(int.MaxValue - 1, "a", "b", "c"));
        Assert.Equal((ErrorCode.None, 0L), await TryAsync(int.MaxValue - 1, "a", "b", "c"));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await TryAsync(2, "x")).Error);
        Assert.Equal((ErrorCode.None, 3L), await TryAsync(1, "d"));

        async Task<(ErrorCode Error, long Offset)> TryAsync(int sequence, params string[] values)
        {
            var produced = await client.ProduceAsync("t", Batches.Idempotent(id, 0, sequence, values));
            return ((ErrorCode)produced.ErrorCode, produced.BaseOffset);
        }
    }

    [Fact]
    public async Task A_new_epoch_begins_at_0_and_an_old_one_is_over()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        var id = (await client.SendAsync(new InitProducerIdRequest { TransactionalId = null })).ProducerId;
        await client.ProduceAsync("t", Batches.Idempotent(id, 0, 0, "a"));

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, await TryAsync(1, 1));
        Assert.Equal(ErrorCode.None, await TryAsync(1, 0));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await TryAsync(0, 1));

        async Task<ErrorCode> TryAsync(short epoch, int sequence) =>
            (ErrorCode)(await client.ProduceAsync("t", Batches.Idempotent(id, epoch, sequence, "x"))).ErrorCode;
    }

    [Fact]
    public async Task A_topic_that_is_created_again_knows_no_producer_of_the_former_one()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");
        await client.ProduceAsync("t", Batches.Idempotent(7, 0, 0, "old"));
        await client.SendAsync(new DeleteTopicsRequest { Topics = [new() { Name = "t" }] });
        await client.CreateTopicAsync("t");

        var produced = await client.ProduceAsync("t", Batches.Idempotent(7, 0, 0, "new"));

        Assert.Equal((ErrorCode.None, 0L), ((ErrorCode)produced.ErrorCode, produced.BaseOffset));
        Assert.Equal([(0L, "new")], Batches.Read((await client.FetchAsync("t", 0)).Records));
    }

    private static Task<EmbeddedBroker> StartAt(long nowMs) => Brokers.StartAsync(new EmbeddedBrokerOptions
    {
        Listen = false,
        TimeProvider = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(nowMs)),
    });
}
