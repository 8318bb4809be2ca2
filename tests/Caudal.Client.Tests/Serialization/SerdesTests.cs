using System.Buffers;
using System.Text;
using System.Text.Json.Serialization;

namespace Caudal.Client.Tests.Serialization;

public sealed partial class SerdesTests
{
    private static readonly SerializationContext Context = new("t", IsKey: false);

    [Theory]
    [InlineData("")]
    [InlineData("Caudal é rio")]
    [InlineData("🌊 and more")]
    public void Text_is_utf8(string text)
    {
        Assert.Equal(Encoding.UTF8.GetBytes(text), Write(Serdes.Utf8, text));
        Assert.Equal(text, Serdes.Utf8.Deserialize(Encoding.UTF8.GetBytes(text), Context));
        Assert.Null(Serdes.Utf8.Deserialize(default, Context with { IsNull = true }));
    }

    [Fact]
    public void Long_text_is_written_whole()
    {
        var text = new string('é', 100_000);
        Assert.Equal(Encoding.UTF8.GetBytes(text), Write(Serdes.Utf8, text));
    }

    [Fact]
    public void Numbers_are_big_endian_as_javas()
    {
        Assert.Equal([0x80, 0, 0, 1], Write(Serdes.Int32, int.MinValue + 1));
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 0], Write(Serdes.Int64, 256));
        Assert.Equal(int.MinValue + 1, Serdes.Int32.Deserialize(Write(Serdes.Int32, int.MinValue + 1), Context));
        Assert.Equal(-5, Serdes.Int64.Deserialize(Write(Serdes.Int64, -5), Context));
    }

    [Fact]
    public void Other_values_are_written_as_java_does()
    {
        Assert.Equal([0xff, 0xfe], Write(Serdes.Int16, (short)-2));
        Assert.Equal([0x3f, 0x80, 0, 0], Write(Serdes.Single, 1f));
        Assert.Equal([0xc0, 0, 0, 0, 0, 0, 0, 0], Write(Serdes.Double, -2d));
        Assert.Equal([1], Write(Serdes.Boolean, true));
        var id = Guid.Parse("0193a7c4-6f0b-7d0a-9b39-2f5a1f0c6a11");
        Assert.Equal(Encoding.ASCII.GetBytes("0193a7c4-6f0b-7d0a-9b39-2f5a1f0c6a11"), Write(Serdes.Guid, id));

        Assert.Equal(-2, Serdes.Int16.Deserialize(Write(Serdes.Int16, (short)-2), Context));
        Assert.Equal(1f, Serdes.Single.Deserialize(Write(Serdes.Single, 1f), Context));
        Assert.Equal(-2d, Serdes.Double.Deserialize(Write(Serdes.Double, -2d), Context));
        Assert.False(Serdes.Boolean.Deserialize(Write(Serdes.Boolean, false), Context));
        Assert.Equal(id, Serdes.Guid.Deserialize(Write(Serdes.Guid, id), Context));
    }

    [Fact]
    public void Other_values_that_are_none_are_refused()
    {
        Assert.Throws<SerializationException>(() => Serdes.Int16.Deserialize(new byte[3], Context));
        Assert.Throws<SerializationException>(() => Serdes.Single.Deserialize(default, Context with { IsNull = true }));
        Assert.Throws<SerializationException>(() => Serdes.Double.Deserialize(new byte[7], Context));
        Assert.Throws<SerializationException>(() => Serdes.Boolean.Deserialize(new byte[] { 2 }, Context));
        Assert.Throws<SerializationException>(() => Serdes.Guid.Deserialize(Encoding.ASCII.GetBytes("no id"), Context));
        Assert.Throws<SerializationException>(() => Serdes.Guid.Deserialize(default, Context with { IsNull = true }));
    }

    [Fact]
    public void Numbers_of_another_length_are_refused_with_the_topic()
    {
        var error = Assert.Throws<SerializationException>(() => Serdes.Int32.Deserialize(new byte[3], Context));
        Assert.Contains("A value of topic 't' is 3 bytes long; a number of 4 bytes is expected", error.Message);
        Assert.Contains(
            "is null",
            Assert.Throws<SerializationException>(() => Serdes.Int64.Deserialize(default, Context with { IsNull = true })).Message);
    }

    [Fact]
    public void Bytes_are_copied_when_read()
    {
        var bytes = new byte[] { 1, 2, 3 };
        var read = Serdes.ByteArray.Deserialize(bytes, Context);
        var memory = Serdes.Memory.Deserialize(bytes, Context);
        bytes[0] = 9;
        Assert.Equal([1, 2, 3], read);
        Assert.Equal([1, 2, 3], memory.ToArray());
        Assert.Null(Serdes.ByteArray.Deserialize(default, Context with { IsNull = true }));
        Assert.True(((ISerializer<byte[]?>)Serdes.ByteArray).IsNull(null));
    }

    [Fact]
    public void Null_is_written_as_null_and_reads_nothing_else()
    {
        Assert.True(Serdes.Null.IsNull(default));
        Assert.True(Serdes.Ignore.IsNull(default));
        Assert.Equal(default, Serdes.Null.Deserialize(default, Context with { IsNull = true }));
        Assert.Throws<SerializationException>(() => Serdes.Null.Deserialize(new byte[1], Context));
        Assert.Equal(default, Serdes.Ignore.Deserialize(new byte[1], Context));
    }

    [Fact]
    public void Json_goes_there_and_back_and_says_what_is_not_json()
    {
        var serde = Serdes.Json(OrderContext.Default.Order);
        var bytes = Write(serde, new Order("o-1", 3));
        Assert.Equal("""{"Id":"o-1","Quantity":3}""", Encoding.UTF8.GetString(bytes));
        Assert.Equal(new Order("o-1", 3), serde.Deserialize(bytes, Context));
        Assert.Null(serde.Deserialize(default, Context with { IsNull = true }));
        Assert.Contains(
            "not the JSON of Order", Assert.Throws<SerializationException>(() => serde.Deserialize("{"u8.ToArray(), Context)).Message);
    }

    private static byte[] Write<T>(ISerializer<T> serializer, T value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        serializer.Serialize(value, buffer, Context);
        return buffer.WrittenSpan.ToArray();
    }

    internal sealed record Order(string Id, int Quantity);

    [JsonSerializable(typeof(Order))]
    internal sealed partial class OrderContext : JsonSerializerContext;
}
