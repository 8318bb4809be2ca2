using System.Text.Json;
using Caudal.Cli.Records;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Tests.Records;

public sealed class JsonRecordFormatterTests : IDisposable
{
    private readonly JsonRecordFormatter _formatter = new();

    public void Dispose() => _formatter.Dispose();

    [Fact]
    public void A_record_is_an_object_a_line() => Assert.Equal(
        """{"topic":"orders","partition":3,"offset":41,"timestamp":1700000000123,"timestampType":"CreateTime" """[..^1] +
        ""","key":"k1","value":"{\"água\":1}"}""" + "\n",
        new SampleRecord("k1", """{"água":1}""").Show(_formatter));

    [Fact]
    public void Nulls_stay_null()
    {
        var json = JsonDocument.Parse(new SampleRecord(default(byte[]), null).Show(_formatter)).RootElement;

        Assert.Equal(JsonValueKind.Null, json.GetProperty("key").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("value").ValueKind);
    }

    [Fact]
    public void What_is_not_text_is_base64()
    {
        var json = JsonDocument.Parse(new SampleRecord([0xff], [0xfe, 0x00]).Show(_formatter)).RootElement;

        Assert.Equal([0xff], json.GetProperty("keyBase64").GetBytesFromBase64());
        Assert.Equal([0xfe, 0x00], json.GetProperty("valueBase64").GetBytesFromBase64());
        Assert.False(json.TryGetProperty("key", out _));
    }

    [Fact]
    public void Headers_keep_their_order_and_may_repeat()
    {
        var sample = new SampleRecord("k", "v")
        {
            TimestampType = TimestampType.LogAppendTime,
            Headers = [new RecordHeader("h", "1"u8.ToArray()), new RecordHeader("h", default(byte[]))],
        };

        var json = JsonDocument.Parse(sample.Show(_formatter)).RootElement;

        Assert.Equal("""[{"name":"h","value":"1"},{"name":"h","value":null}]""", json.GetProperty("headers").GetRawText());
        Assert.Equal("LogAppendTime", json.GetProperty("timestampType").GetString());
    }

    [Fact]
    public void One_formatter_shows_many_records()
    {
        var first = new SampleRecord("k1", "a").Show(_formatter);
        var second = new SampleRecord("k2", "b").Show(_formatter);

        Assert.Contains("\"k1\"", first);
        Assert.Contains("\"k2\"", second);
        Assert.DoesNotContain("\"k1\"", second);
    }
}
