using Orders.Model;
using Orders.Payments;

namespace Orders.Http;

/// <summary>The simulated payment service and the knob that makes it misbehave.</summary>
internal static class PaymentEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, PaymentService service)
    {
        routes.MapGet("/simulation/payment-service", () => TypedResults.Json(service.Describe(), OrdersJson.Default.PaymentServiceState))
            .WithSummary("How the simulated payment service behaves, and what it has done.");
        RequestDelegate behave = context => BehaveAsync(context, service);
        routes.MapPut("/simulation/payment-service", behave)
            .Takes<PaymentServiceState>("application/json")
            .Answers<PaymentServiceState>()
            .AnswersInvalid()
            .Described(
                behave,
                "Lets the simulated payment service work (ok), answer late (slow), fail (failing) or cut connections (down).");
        routes
            .MapPost(
                "/simulation/payment-service/charges",
                (HttpContext context) => HandleAsync(context, service, refund: false))
            .ExcludeFromDescription();
        routes
            .MapPost(
                "/simulation/payment-service/refunds",
                (HttpContext context) => HandleAsync(context, service, refund: true))
            .ExcludeFromDescription();
    }

    private static async Task BehaveAsync(HttpContext context, PaymentService service)
    {
        if (await Bodies.ReadJsonAsync(context, OrdersJson.Default.PaymentServiceState) is not { } wanted)
            return;
        var errors = new Dictionary<string, string[]>();
        if (!PaymentService.IsMode(wanted.Mode))
            errors["mode"] = ["One of ok, slow, failing and down is needed."];
        if (wanted.LatencyMs is < 0 or > 600_000)
            errors["latencyMs"] = ["0 to 600000 milliseconds are allowed."];
        if (errors.Count > 0)
        {
            await Problems.BadInput(context, errors);
            return;
        }

        service.Behave(wanted.Mode, wanted.LatencyMs);
        await context.Response.WriteAsJsonAsync(service.Describe(), OrdersJson.Default.PaymentServiceState);
    }

    private static async Task HandleAsync(HttpContext context, PaymentService service, bool refund)
    {
        if (service.IsDown)
        {
            context.Abort();
            return;
        }

        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length == 0)
        {
            await Problems.Write(
                context,
                StatusCodes.Status400BadRequest,
                "No idempotency key.",
                "Send the order's id in the header Idempotency-Key.");
            return;
        }

        if (await Bodies.ReadJsonAsync(context, OrdersJson.Default.PaymentRequest) is not { } request)
            return;
        if (await service.HandleAsync(key, request, refund, context.RequestAborted) is { } receipt)
            await context.Response.WriteAsJsonAsync(receipt, OrdersJson.Default.PaymentReceipt);
        else
            await Problems.Write(
                context,
                StatusCodes.Status500InternalServerError,
                "The payment service fails.",
                "It was told to, by PUT /simulation/payment-service.");
    }
}
