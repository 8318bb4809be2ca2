using System.Globalization;
using Caudal.Protocol.Records;

namespace Caudal.Client.Tests.Consuming;

/// <summary>Logs from before Kafka 0.11: messages of magic 0 and 1, as Kafka's own classes wrote and read them.</summary>
public sealed class OldMessagesTests
{
    private static readonly byte[] Messages = Fixture("message-sets.bin");

    // One message is as a producer sends it, without an offset: no log holds such, and it lies before where consuming has come to.
    private static readonly string[] Lines =
    [
        .. System.Text.Encoding.UTF8.GetString(Fixture("message-sets.txt"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => Offset(line) != 0),
    ];

    [Fact]
    public async Task Every_message_is_consumed_compressed_or_not_and_the_batches_behind_them_too()
    {
        await using var fixture = New(Messages);
        var consumer = Assigned(fixture, 0);

        var records = await TakeAsync(consumer, Lines.Length + 3);

        Assert.Equal(Lines, records.Take(Lines.Length).Select(Line));
        Assert.Equal(3, records.Skip(Lines.Length).Select(r => r.Offset).Distinct().Count());
    }

    [Fact]
    public async Task Consuming_starts_in_the_middle_of_a_compressed_message()
    {
        await using var fixture = New(Messages);
        foreach (var first in Lines.Select(Offset))
        {
            var consumer = Assigned(fixture, first);
            var expected = Lines.Where(l => Offset(l) >= first).ToList();
            Assert.Equal(expected, (await TakeAsync(consumer, expected.Count)).Select(Line));
            await consumer.CloseAsync(ConsumerFixture.Token);
        }
    }

    [Fact]
    public async Task Leases_hold_them_like_any_records()
    {
        await using var fixture = New(Messages);
        var consumer = Assigned(fixture, 0);
        var offsets = new List<long>();
        while (offsets.Count < Lines.Length)
        {
            using var lease = await consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token);
            Assert.NotNull(lease);
            foreach (var record in lease)
                offsets.Add(record.Offset);
            Assert.Equal(offsets[^1] + 1, lease.NextOffset);
        }

        Assert.Equal(Lines.Select(Offset), offsets.Take(Lines.Length));
    }

    [Fact]
    public async Task A_damaged_message_is_named_and_skipped_if_asked_with_nothing_lost_around_it()
    {
        var messages = Messages.ToArray();
        var walk = new MessageSetEnumerator(Messages);
        while (walk.MoveNext() && (walk.Current.Codec != 0 || walk.Position == 0 || walk.Current.Value.IsEmpty))
        {
        }

        var damaged = walk.Current.Offset;
        messages[walk.Consumed - 1] ^= 1;
        await using var fixture = New(messages);

        var strict = Assigned(fixture, 0);
        var before = Lines.Count(l => Offset(l) < damaged);
        Assert.Equal(before, (await TakeAsync(strict, before)).Count);
        var error = await Assert.ThrowsAsync<RecordBatchException>(() => TakeAsync(strict, 1));
        Assert.Equal((damaged, damaged + 1), (error.BaseOffset, error.NextOffset));
        await strict.CloseAsync(ConsumerFixture.Token);

        var lenient = Assigned(fixture, 0, skipDamaged: true);
        Assert.Equal(Lines.Where(l => Offset(l) != damaged), (await TakeAsync(lenient, Lines.Length - 1)).Select(Line));
    }

    private static ConsumerFixture New(byte[] messages) => new(configure: cluster =>
    {
        cluster.Log.Create("t");
        var walk = new MessageSetEnumerator(messages);
        while (walk.MoveNext())
        {
        }

        // A batch of magic 2 lies behind them.
        cluster.Log.AppendMessages("t", 0, messages, RecordBatchView.Read(messages.AsSpan(walk.Consumed)).LastOffset + 1);
    });

    private static Consumer<byte[]?, byte[]?> Assigned(ConsumerFixture fixture, long offset, bool skipDamaged = false)
    {
        var consumer = fixture.Client.CreateConsumer(new ConsumerOptions<byte[]?, byte[]?>(Serdes.ByteArray, Serdes.ByteArray)
        {
            FetchMaxWait = TimeSpan.FromMilliseconds(50),
            SkipDamagedBatches = skipDamaged,
        });
        consumer.Assign(new TopicPartitionOffset(new TopicPartition("t", 0), offset));
        return consumer;
    }

    private static async Task<List<ConsumeResult<byte[]?, byte[]?>>> TakeAsync(Consumer<byte[]?, byte[]?> consumer, int count)
    {
        var records = new List<ConsumeResult<byte[]?, byte[]?>>();
        if (count == 0)
            return records;
        await foreach (var record in consumer.ConsumeAsync(ConsumerFixture.Token))
        {
            records.Add(record);
            if (records.Count == count)
                break;
        }

        return records;
    }

    private static long Offset(string line) =>
        long.Parse(line[..line.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture);

    private static string Line(ConsumeResult<byte[]?, byte[]?> record) => string.Create(
        CultureInfo.InvariantCulture,
        $"{record.Offset} {record.TimestampMs} {record.TimestampType} {Hex(record.Key)} {Hex(record.Value)}");

    private static string Hex(byte[]? bytes) => bytes is null ? "null" : "x" + Convert.ToHexStringLower(bytes);

    private static byte[] Fixture(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", name));
}
