using System.Text;
using Orders.Http;

namespace Orders.Tests.Http;

public class OrderParserTests
{
    private const string Good =
        """{"id":"o-1","customer":"ana","product":"phone","amount":12.5,"quantity":2,"timestamp":"2026-11-24T12:00:00Z"}""";

    private readonly OrderParser _parser = new(TimeProvider.System);

    [Fact]
    public void One_order_is_read_with_all_its_fields()
    {
        var order = Assert.Single(_parser.ParseJson(Utf8(Good), null, out var isArray));

        Assert.False(isArray);
        Assert.Equal(("o-1", "ana", "phone", 12.5m, 2), (order.Id, order.Customer, order.Product, order.Amount, order.Quantity));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero), order.Timestamp);
        Assert.Empty(_parser.Errors);
    }

    [Fact]
    public void An_order_without_an_id_gets_one()
    {
        var order = Assert.Single(_parser.ParseJson(Utf8(Good.Replace("\"id\":\"o-1\",", "", StringComparison.Ordinal)), null, out _));

        Assert.NotEmpty(order.Id);
    }

    [Fact]
    public void The_same_idempotency_key_gives_the_same_ids()
    {
        var body = Utf8($"[{Good},{Good}]".Replace("\"id\":\"o-1\",", "", StringComparison.Ordinal));

        var first = _parser.ParseJson(body, "key", out _);
        var second = new OrderParser(TimeProvider.System).ParseJson(body, "key", out _);

        Assert.Equal(first.Select(o => o.Id), second.Select(o => o.Id));
        Assert.NotEqual(first[0].Id, first[1].Id);
    }

    [Theory]
    [InlineData("""{"product":"p","amount":1,"quantity":1}""", "customer", "Missing")]
    [InlineData("""{"customer":"","product":"p","amount":1,"quantity":1}""", "customer", "empty")]
    [InlineData("""{"customer":7,"product":"p","amount":1,"quantity":1}""", "customer", "number 7")]
    [InlineData("""{"customer":"c","amount":1,"quantity":1}""", "product", "Missing")]
    [InlineData("""{"customer":"c","product":"p","quantity":1}""", "amount", "Missing")]
    [InlineData("""{"customer":"c","product":"p","amount":-1,"quantity":1}""", "amount", "-1 is out of range")]
    [InlineData("""{"customer":"c","product":"p","amount":0,"quantity":1}""", "amount", "out of range")]
    [InlineData("""{"customer":"c","product":"p","amount":"12","quantity":1}""", "amount", "a text")]
    [InlineData("""{"customer":"c","product":"p","amount":1e400,"quantity":1}""", "amount", "number")]
    [InlineData("""{"customer":"c","product":"p","amount":1,"quantity":0}""", "quantity", "at least 1")]
    [InlineData("""{"customer":"c","product":"p","amount":1,"quantity":1.5}""", "quantity", "whole number")]
    [InlineData("""{"customer":"c","product":"p","amount":1,"quantity":1,"timestamp":"yesterday"}""", "timestamp", "RFC 3339")]
    [InlineData("""{"id":"","customer":"c","product":"p","amount":1,"quantity":1}""", "id", "empty")]
    [InlineData("[]", "body", "empty")]
    [InlineData("42", "body", "JSON object")]
    [InlineData("{", "body", "Not valid JSON")]
    [InlineData("", "body", "Not valid JSON")]
    public void A_fault_is_named_with_its_field(string body, string field, string words)
    {
        Assert.Empty(_parser.ParseJson(Utf8(body), null, out _));

        Assert.Contains(words, Assert.Single(_parser.Errors[field]));
    }

    [Fact]
    public void One_bad_order_refuses_its_whole_array_and_names_the_index()
    {
        var orders = _parser.ParseJson(Utf8($$"""[{{Good}},{"customer":"c","product":"p","amount":-1,"quantity":0}]"""), null, out _);

        Assert.Empty(orders);
        Assert.Equal(["[1].amount", "[1].quantity"], _parser.Errors.Keys.Order());
    }

    [Fact]
    public void Lines_are_read_one_order_each_and_empty_lines_are_skipped()
    {
        var orders = _parser.ParseLines(Utf8($"{Good}\n\n{Good.Replace("o-1", "o-2", StringComparison.Ordinal)}\r\n"), null);

        Assert.Equal(["o-1", "o-2"], orders.Select(o => o.Id));
    }

    [Fact]
    public void A_broken_line_is_named_by_its_index()
    {
        Assert.Empty(_parser.ParseLines(Utf8($"{Good}\n{{broken\n"), null));

        Assert.Contains("[1]", _parser.Errors.Keys);
    }

    [Fact]
    public void Random_and_mutated_bodies_give_faults_and_never_an_exception()
    {
        var random = new Random(11);
        var template = Utf8($"[{Good},{Good}]");
        for (var i = 0; i < 20_000; i++)
        {
            var body = template.ToArray();
            for (var n = random.Next(1, 6); n > 0; n--)
                body[random.Next(body.Length)] = (byte)random.Next(256);
            var parser = new OrderParser(TimeProvider.System);
            var orders = i % 2 == 0 ? parser.ParseJson(body, null, out _) : parser.ParseLines(body, null);
            Assert.True(orders.Count > 0 || parser.Errors.Count > 0);
        }
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
