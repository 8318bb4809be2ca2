namespace Caudal.Protocol.Tests.Wire;

public sealed class UuidTests
{
    [Theory]
    [InlineData(0L, 0L, "AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData(0L, 1L, "AAAAAAAAAAAAAAAAAAAAAQ")]
    [InlineData(0x0123456789abcdefL, 0x7edcba9876543210L, "ASNFZ4mrze9-3LqYdlQyEA")]
    [InlineData(-1L, -1L, "_____________________w")]
    public void Text_is_url_safe_base64_without_padding(long most, long least, string text)
    {
        var id = new Uuid(most, least);
        Assert.Equal(text, id.ToString());
        Assert.Equal(id, Uuid.Parse(text, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA A")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA+/")]
    [InlineData("\u00e9AAAAAAAAAAAAAAAAAAAAA")]
    [InlineData(null)]
    public void What_is_no_id_is_refused_without_an_exception(string? text)
    {
        Assert.False(Uuid.TryParse(text, null, out var id));
        Assert.Equal(Uuid.Zero, id);
        Assert.Throws<FormatException>(() => Uuid.Parse(text!, null));
    }

    [Fact]
    public void Random_ids_are_version_4_and_never_look_like_an_option()
    {
        for (var i = 0; i < 2_000; i++)
        {
            var id = Uuid.NewRandom();
            Assert.Equal(4, (id.MostSignificant >> 12) & 0xf);
            Assert.Equal(2, (id.LeastSignificant >> 62) & 3);
            Assert.NotEqual('-', id.ToString()[0]);
            Assert.Equal(id, Uuid.Parse(id.ToString(), null));
        }
    }

    [Fact]
    public void Bytes_are_in_wire_order()
    {
        var bytes = new byte[16];
        new Uuid(0x0102030405060708, 0x090a0b0c0d0e0f10).Write(bytes);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], bytes);
        Assert.Equal(new Uuid(0x0102030405060708, 0x090a0b0c0d0e0f10), Uuid.Read(bytes));
    }
}
