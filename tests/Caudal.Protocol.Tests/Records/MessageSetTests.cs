using System.Buffers.Binary;
using System.Globalization;
using Caudal.Compression;
using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Records;

/// <summary>Messages of magic 0 and 1, as Kafka's own classes wrote and read them (java/GoldenMessageSets.java).</summary>
public sealed class MessageSetTests
{
    private static readonly byte[] Golden = Fixture("message-sets.bin");

    [Fact]
    public void Everything_that_Kafka_reads_is_read_compressed_or_not()
    {
        var read = new List<string>();
        var messages = new MessageSetEnumerator(Golden);
        while (messages.MoveNext())
        {
            var message = messages.Current;
            Assert.True(message.HasValidCrc);
            if (message.Codec == 0)
            {
                read.Add(Line(message));
                continue;
            }

            using var inner = new PooledBuffer();
            Codec.Decompress((CompressionType)message.Codec, message.Value, inner, 1 << 20);
            foreach (var wrapped in message.GetMessages(inner.WrittenSpan))
            {
                Assert.True(wrapped.HasValidCrc);
                read.Add(Line(wrapped));
            }
        }

        var kafkas = System.Text.Encoding.UTF8.GetString(Fixture("message-sets.txt")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(kafkas, read);
        // Behind the last set lies a batch of magic 2, as in a segment that was begun before an upgrade.
        var batches = new RecordBatchEnumerator(Golden.AsSpan(messages.Consumed));
        Assert.True(batches.MoveNext());
        Assert.Equal(3, batches.Current.RecordCount);
        Assert.False(batches.MoveNext());
        Assert.Equal(Golden.Length, messages.Consumed + batches.Consumed);
    }

    [Fact]
    public void A_message_that_is_cut_off_ends_the_walk_before_it()
    {
        var whole = new MessageSetEnumerator(Golden);
        Assert.True(whole.MoveNext());
        Assert.True(whole.MoveNext());
        for (var length = whole.Position; length < whole.Consumed; length++)
        {
            var cut = new MessageSetEnumerator(Golden.AsSpan(0, length));
            Assert.True(cut.MoveNext());
            Assert.False(cut.MoveNext());
            Assert.Equal(whole.Position, cut.Consumed);
        }
    }

    [Fact]
    public void A_flipped_bit_is_noticed_by_the_checksum()
    {
        var message = First(out var bytes);
        Assert.True(message.HasValidCrc);
        bytes[22] ^= 1;
        Assert.True(MessageView.TryRead(bytes, out var flipped));
        Assert.False(flipped.HasValidCrc);
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused_with_their_place()
    {
        _ = First(out var bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(18), 1000);
        Assert.Equal("Message set, byte 18: a key or value of 1000 bytes does not fit into its message.", Refusal(bytes));
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(18), -1);
        Assert.StartsWith("Message set, byte 22: a key or value of ", Refusal(bytes), StringComparison.Ordinal);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), 13);
        Assert.Equal("Message set, byte 8: the length 13 is less than a message takes.", Refusal(bytes));
        bytes[16] = 3;
        Assert.Equal("Message set, byte 16: the format's version (magic) is 3; 0 and 1 are messages.", Refusal(bytes));
    }

    [Fact]
    public void What_may_not_be_wrapped_is_refused()
    {
        _ = First(out var version0);
        var wrapper1 = Wrapper(1, 0);
        Assert.True(MessageView.TryRead(wrapper1, out var wrapper));
        Assert.Contains("magic 0 is wrapped in one of magic 1", WalkFailure(wrapper1, version0), StringComparison.Ordinal);
        Assert.Contains("wraps none", WalkFailure(wrapper1, []), StringComparison.Ordinal);
        Assert.Contains("compressed message is wrapped", WalkFailure(wrapper1, Wrapper(1, 0)), StringComparison.Ordinal);
        Assert.Contains("ends inside a message", WalkFailure(Wrapper(0, 0), version0[..^1]), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(static () => First(out _).GetMessages([]));
    }

    [Fact]
    public void Hostile_bytes_raise_nothing_but_protocol_errors()
    {
        var random = new Random(4711);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var input = Golden.AsSpan(0, random.Next(Golden.Length)).ToArray();
            for (var flips = random.Next(1, 6); flips > 0 && input.Length > 0; flips--)
                input[random.Next(Math.Min(input.Length, 1000))] ^= (byte)(1 << random.Next(8));
            try
            {
                foreach (var message in new MessageSetEnumerator(input))
                {
                    _ = message.HasValidCrc;
                    if (message.Codec == 0)
                        continue;
                    foreach (var wrapped in message.GetMessages(input))
                        _ = wrapped.Key.Length + wrapped.Value.Length;
                }
            }
            catch (ProtocolException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1_000, 19_999);
    }

    [Fact]
    public void Walking_allocates_nothing()
    {
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var sum = 0L;
            foreach (var message in new MessageSetEnumerator(Golden))
                sum += message.Offset + message.Key.Length + message.Value.Length;
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.NotEqual(0, sum);
        }

        Assert.Equal(0, least);
    }

    private static MessageView First(out byte[] bytes)
    {
        Assert.True(MessageView.TryRead(Golden, out var first));
        bytes = first.Bytes.ToArray();
        Assert.True(MessageView.TryRead(bytes, out var message));
        return message;
    }

    // An entry of the given magic that claims to be compressed, with an empty value.
    private static byte[] Wrapper(byte magic, long offset)
    {
        var bytes = new byte[magic == 0 ? 26 : 34];
        BinaryPrimitives.WriteInt64BigEndian(bytes, offset);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), bytes.Length - 12);
        bytes[16] = magic;
        bytes[17] = 1;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(bytes.Length - 8), -1);
        return bytes;
    }

    private static string Refusal(byte[] bytes) => Assert.Throws<ProtocolException>(() => MessageView.TryRead(bytes, out _)).Message;

    private static string WalkFailure(byte[] wrapper, byte[] inside) => Assert.Throws<ProtocolException>(() =>
    {
        Assert.True(MessageView.TryRead(wrapper, out var message));
        foreach (var wrapped in message.GetMessages(inside))
            _ = wrapped.Offset;
    }).Message;

    private static string Line(MessageView message) => string.Create(
        CultureInfo.InvariantCulture,
        $"{message.Offset} {message.Timestamp} {message.TimestampType} {Hex(message.IsKeyNull, message.Key)} " +
        $"{Hex(message.IsValueNull, message.Value)}");

    private static string Hex(bool isNull, ReadOnlySpan<byte> bytes) => isNull ? "null" : "x" + Convert.ToHexStringLower(bytes);

    private static byte[] Fixture(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", name));
}
