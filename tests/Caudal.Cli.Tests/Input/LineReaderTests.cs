using System.Text;
using Caudal.Cli.Input;

namespace Caudal.Cli.Tests.Input;

public class LineReaderTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\nb", new[] { "a", "b" })]
    [InlineData("a\r\nb\r\n", new[] { "a", "b" })]
    [InlineData("a\n\nb\n", new[] { "a", "", "b" })]
    [InlineData("\n", new[] { "" })]
    [InlineData("a\rb\n", new[] { "a\rb" })]
    public async Task Lines_end_with_a_line_feed_or_both_signs(string text, string[] lines) =>
        Assert.Equal(lines, await ReadAsync(text, 1000));

    [Fact]
    public async Task Lines_of_every_length_survive_reads_of_every_length()
    {
        string[] lines = [.. Enumerable.Range(0, 60).Select(i => new string((char)('a' + (i % 26)), i * 61))];

        foreach (var size in new[] { 1, 7, 4096, 1 << 20 })
            Assert.Equal(lines, await ReadAsync(string.Join('\n', lines) + "\n", size));
    }

    [Fact]
    public async Task A_line_may_be_longer_than_the_buffer()
    {
        var line = new string('x', 300_000);

        Assert.Equal([line, "y"], await ReadAsync($"{line}\ny\n", 1 << 20));
    }

    [Fact]
    public async Task Bytes_that_are_not_text_arrive_unchanged()
    {
        var lines = new LineReader(new MemoryStream([0xff, 0x00, 0xc3, (byte)'\n']));

        Assert.True(await lines.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal([0xff, 0x00, 0xc3], lines.Line.ToArray());
    }

    [Fact]
    public async Task Text_beyond_ascii_arrives_as_utf8()
    {
        var text = string.Concat(Enumerable.Repeat("água 😀 ", 3000));
        var lines = new LineReader(new TextReaderStream(new StringReader(text)));

        Assert.True(await lines.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(text, Encoding.UTF8.GetString(lines.Line.Span));
    }

    private static async Task<List<string>> ReadAsync(string text, int readSize)
    {
        var lines = new LineReader(new SlowStream(Encoding.UTF8.GetBytes(text), readSize));
        var result = new List<string>();
        while (await lines.ReadAsync(TestContext.Current.CancellationToken))
            result.Add(Encoding.UTF8.GetString(lines.Line.Span));
        return result;
    }

    /// <summary>Gives away so many bytes at a time.</summary>
    private sealed class SlowStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, size));
    }
}
