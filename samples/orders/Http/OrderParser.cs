using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Orders.Model;

namespace Orders.Http;

/// <summary>Reads orders out of a request's body and says field by field what is wrong with them.</summary>
internal sealed class OrderParser(TimeProvider time)
{
    private const int MaxText = 200;
    private const decimal MaxAmount = 1_000_000_000m;

    /// <summary>The faults, by field; fields of an order in an array are named <c>[index].field</c>.</summary>
    public Dictionary<string, string[]> Errors { get; } = [];

    /// <summary>Parses one order or an array of them.</summary>
    /// <returns>The orders; none when there are <see cref="Errors"/>.</returns>
    public List<Order> ParseJson(ReadOnlyMemory<byte> body, string? idempotencyKey, out bool isArray)
    {
        isArray = false;
        if (!TryParse(body, "body", out var document))
            return [];
        using (document)
        {
            var root = document.RootElement;
            isArray = root.ValueKind == JsonValueKind.Array;
            if (!isArray)
                return Keep([Parse(root, "", idempotencyKey)]);
            if (root.GetArrayLength() == 0)
                Fail("body", "The array is empty: at least one order is needed.");
            var index = 0;
            return Keep([.. root.EnumerateArray().Select(element => Parse(element, $"[{index}].", Numbered(idempotencyKey, index++)))]);
        }
    }

    /// <summary>Parses one order a line.</summary>
    public List<Order> ParseLines(ReadOnlyMemory<byte> body, string? idempotencyKey)
    {
        var orders = new List<Order?>();
        foreach (var range in Lines(body))
        {
            var line = body[range];
            if (line.Span.Trim(" \t\r"u8).IsEmpty)
                continue;
            var index = orders.Count;
            if (!TryParse(line, $"[{index}]", out var document))
            {
                orders.Add(null);
                continue;
            }

            using (document)
                orders.Add(Parse(document.RootElement, $"[{index}].", Numbered(idempotencyKey, index)));
        }

        if (orders.Count == 0)
            Fail("body", "The body is empty: at least one order is needed, one a line.");
        return Keep(orders);
    }

    private static List<Range> Lines(ReadOnlyMemory<byte> body)
    {
        var lines = new List<Range>();
        foreach (var range in body.Span.Split((byte)'\n'))
            lines.Add(range);
        return lines;
    }

    private static string? Numbered(string? key, int index) => key is null ? null : $"{key}/{index.ToString(CultureInfo.InvariantCulture)}";

    private List<Order> Keep(List<Order?> orders) => Errors.Count > 0 ? [] : [.. orders.OfType<Order>()];

    private bool TryParse(ReadOnlyMemory<byte> json, string field, out JsonDocument document)
    {
        document = null!;
        if (!Utf8.IsValid(json.Span))
        {
            Fail(field, "Not valid UTF-8.");
            return false;
        }

        try
        {
            document = JsonDocument.Parse(json);
            return true;
        }
        catch (JsonException e)
        {
            Fail(field, $"Not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine}.");
            return false;
        }
    }

    private Order? Parse(JsonElement element, string prefix, string? idempotencyKey)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fail(prefix.Length == 0 ? "body" : prefix.TrimEnd('.'), $"An order is a JSON object, not {Describe(element)}.");
            return null;
        }

        var id = Text(element, prefix, "id", required: false);
        var customer = Text(element, prefix, "customer", required: true);
        var product = Text(element, prefix, "product", required: true);
        var amount = Amount(element, prefix);
        var quantity = Quantity(element, prefix);
        var timestamp = Timestamp(element, prefix);
        return new Order(id ?? NewId(idempotencyKey), customer ?? "", product ?? "", amount, quantity, timestamp);
    }

    /// <summary>
    /// Without an id of its own an order is known by its idempotency key, so that a repeated request finds the first one's orders.
    /// </summary>
    private static string NewId(string? idempotencyKey) =>
        idempotencyKey is null
            ? Guid.CreateVersion7().ToString()
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)).AsSpan(0, 16));

    private string? Text(JsonElement order, string prefix, string field, bool required)
    {
        if (!order.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            if (required)
                Fail(prefix + field, "Missing: a text is needed.");
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
            return Fail(prefix + field, $"A text is needed, not {Describe(value)}.");
        if (ReadText(value) is not { } text)
            return Fail(prefix + field, "The text holds half a character (a lone surrogate).");
        if (string.IsNullOrWhiteSpace(text))
            return Fail(prefix + field, "The text is empty.");
        return text.Length > MaxText
            ? Fail(prefix + field, $"The text has {text.Length} characters; at most {MaxText} are allowed.")
            : text;
    }

    private static string? ReadText(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // The reader's word for escapes such as \ud800 that stand for no character.
            return null;
        }
    }

    private decimal Amount(JsonElement order, string prefix)
    {
        if (!order.TryGetProperty("amount", out var value))
            Fail(prefix + "amount", "Missing: a number above 0 is needed.");
        else if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var amount))
            Fail(prefix + "amount", $"A number is needed, not {Describe(value)}.");
        else if (amount is <= 0 or > MaxAmount)
            Fail(
                prefix + "amount",
                $"{amount.ToString(CultureInfo.InvariantCulture)} is out of range: "
                + $"above 0, at most {MaxAmount.ToString(CultureInfo.InvariantCulture)}.");
        else
            return amount;
        return 0;
    }

    private int Quantity(JsonElement order, string prefix)
    {
        if (!order.TryGetProperty("quantity", out var value))
            Fail(prefix + "quantity", "Missing: a whole number from 1 is needed.");
        else if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var quantity))
            Fail(prefix + "quantity", $"A whole number is needed, not {Describe(value)}.");
        else if (quantity < 1)
            Fail(prefix + "quantity", $"{quantity} is out of range: at least 1.");
        else
            return quantity;
        return 0;
    }

    private DateTimeOffset Timestamp(JsonElement order, string prefix)
    {
        if (!order.TryGetProperty("timestamp", out var value) || value.ValueKind == JsonValueKind.Null)
            return time.GetUtcNow();
        if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var timestamp))
            return timestamp;
        Fail(prefix + "timestamp", "A time as in RFC 3339 is needed, e.g. 2026-11-24T12:00:00Z.");
        return default;
    }

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => "a text",
        JsonValueKind.Number => $"the number {element.GetRawText()}",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => element.GetRawText(),
    };

    private string? Fail(string field, string message)
    {
        Errors[field] = Errors.TryGetValue(field, out var earlier) ? [.. earlier, message] : [message];
        return null;
    }
}
