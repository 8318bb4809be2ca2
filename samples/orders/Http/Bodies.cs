using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orders.Http;

/// <summary>Reads bodies of requests, and answers for those that cannot be read.</summary>
internal static class Bodies
{
    /// <summary>Reads the whole body; null after a 413 was written.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContext context, int maxBytes)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (body.Length + read > maxBytes)
            {
                await Problems.Write(
                    context,
                    StatusCodes.Status413PayloadTooLarge,
                    "The body is too large.",
                    $"At most {maxBytes} bytes are taken at once: send the orders in several requests.");
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    /// <summary>Reads a small JSON object; null after a problem was written.</summary>
    public static async Task<T?> ReadJsonAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (context.Request.HasJsonContentType())
        {
            try
            {
                if (await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted) is { } value)
                    return value;
                await Problems.BadInput(context, new() { ["body"] = ["A JSON object is needed, not null."] });
            }
            catch (JsonException e)
            {
                await Problems.BadInput(context, new()
                {
                    [string.IsNullOrEmpty(e.Path) || e.Path == "$" ? "body" : e.Path.TrimStart('$', '.')] =
                        ["Not valid JSON, or a value of the wrong type."],
                });
            }

            return null;
        }

        await Problems.Write(
            context,
            StatusCodes.Status415UnsupportedMediaType,
            "The content type is not supported.",
            "Send application/json.");
        return null;
    }
}
