using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Tests.Handlers;

public class StoredCompressionTests
{
    [Theory]
    [InlineData("uncompressed", 0)]
    [InlineData("gzip", 1)]
    [InlineData("snappy", 2)]
    [InlineData("lz4", 3)]
    [InlineData("zstd", 4)]
    public async Task A_topic_stores_batches_with_its_own_codec_whatever_came(string type, int codec)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, $"compression.type={type}");

        for (var sent = 0; sent <= 4; sent++)
            Assert.Equal(ErrorCode.None, (ErrorCode)(await client.ProduceAsync("t", Batches.Compressed(sent, "a", "b"))).ErrorCode);
        var records = (await client.FetchAsync("t", 0)).Records!.Value;

        Assert.Equal([codec, codec, codec, codec, codec], Codecs(records));
        Assert.Equal(["a", "b", "a", "b", "a", "b", "a", "b", "a", "b"], Batches.Read(records).Select(r => r.Value));
    }

    [Fact]
    public async Task A_damaged_batch_is_refused_as_it_would_be_without_packing()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 1, "compression.type=gzip");
        var batch = Batches.Of("a");
        batch[^1] ^= 1;

        Assert.Equal(ErrorCode.CorruptMessage, (ErrorCode)(await client.ProduceAsync("t", batch)).ErrorCode);
    }

    private static List<int> Codecs(ReadOnlyMemory<byte> records)
    {
        var codecs = new List<int>();
        foreach (var batch in new RecordBatchEnumerator(records.Span))
            codecs.Add(batch.Codec);
        return codecs;
    }
}
