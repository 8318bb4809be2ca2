using Caudal.Protocol;
using Orders.Model;
using Orders.Views;

namespace Orders.Http;

/// <summary><c>POST /orders</c> and <c>GET /orders/{id}</c>.</summary>
internal sealed class OrderEndpoints(OrderIntake intake, OrderBook book, OrdersOptions options)
{
    private const int RetryAfterSeconds = 1;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/orders", PostAsync)
            .Takes<Order>("application/json", "application/x-ndjson")
            .Answers<Receipt>(StatusCodes.Status202Accepted)
            .AnswersInvalid()
            .AnswersProblem(StatusCodes.Status413PayloadTooLarge)
            .AnswersProblem(StatusCodes.Status415UnsupportedMediaType)
            .AnswersProblem(StatusCodes.Status429TooManyRequests)
            .AnswersProblem(StatusCodes.Status503ServiceUnavailable)
            .Described(
                PostAsync,
                "Accepts one order, an array of orders, or one order a line (NDJSON). All or none of an array is accepted.");
        routes.MapGet("/orders/{id}", GetAsync)
            .Answers<OrderView>()
            .AnswersProblem(StatusCodes.Status404NotFound)
            .Described(GetAsync, "An order's state and history.");
    }

    private async Task PostAsync(HttpContext context)
    {
        var lines = IsLines(context.Request);
        if (!lines && !context.Request.HasJsonContentType())
        {
            await Problems.Write(
                context,
                StatusCodes.Status415UnsupportedMediaType,
                "The content type is not supported.",
                "Send application/json (one order or an array) or application/x-ndjson (one order a line).");
            return;
        }

        if (await Bodies.ReadAsync(context, options.MaxBodyBytes) is not { } body)
            return;
        var parser = new OrderParser(options.TimeProvider);
        var key = context.Request.Headers["Idempotency-Key"].ToString() is { Length: > 0 } given ? given : null;
        var isArray = true;
        var orders = lines ? parser.ParseLines(body, key) : parser.ParseJson(body, key, out isArray);
        if (parser.Errors.Count > 0)
            await Problems.BadInput(context, parser.Errors);
        else
            await AcceptAsync(context, orders, isArray);
    }

    private async Task AcceptAsync(HttpContext context, List<Order> orders, bool isArray)
    {
        if (intake.TryAccept(orders) is not { } accepted)
        {
            await Problems.Write(
                context,
                StatusCodes.Status429TooManyRequests,
                "Too many orders wait for their acknowledgement.",
                "Send them again a little later.",
                RetryAfterSeconds);
            return;
        }

        Receipt[] receipts;
        try
        {
            receipts = await accepted.WaitAsync(options.AcceptTimeout, options.TimeProvider, context.RequestAborted);
        }
        catch (Exception e) when (e is KafkaException or TimeoutException)
        {
            await Problems.Write(
                context,
                StatusCodes.Status503ServiceUnavailable,
                "The broker is away.",
                "The orders may or may not have been taken; send them again with the same ids or Idempotency-Key. "
                + e.Message,
                RetryAfterSeconds);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        if (isArray)
        {
            await context.Response.WriteAsJsonAsync(receipts, OrdersJson.Default.ReceiptArray);
            return;
        }

        context.Response.Headers.Location = $"/orders/{Uri.EscapeDataString(receipts[0].Id)}";
        await context.Response.WriteAsJsonAsync(receipts[0], OrdersJson.Default.Receipt);
    }

    private Task GetAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        return book.Find(id) is { } order
            ? context.Response.WriteAsJsonAsync(order, OrdersJson.Default.OrderView)
            : Problems.Write(context, StatusCodes.Status404NotFound, "No such order.", $"No order with the id {id} was accepted.");
    }

    private static bool IsLines(HttpRequest request) =>
        request.ContentType?.Split(';')[0].Trim().ToLowerInvariant()
            is "application/x-ndjson" or "application/ndjson" or "application/jsonl";
}
