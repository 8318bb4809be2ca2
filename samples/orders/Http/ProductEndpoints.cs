using Caudal.Protocol;
using Orders.Model;
using Orders.Stock;

namespace Orders.Http;

/// <summary><c>PUT /products/{name}</c>, <c>GET /products/{name}</c> and <c>GET /products</c>.</summary>
internal sealed class ProductEndpoints(Inventory inventory)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/products", () => TypedResults.Json(inventory.List(), OrdersJson.Default.ProductArray))
            .WithSummary("All products with their stock.");
        routes.MapGet("/products/{name}", GetAsync)
            .Answers<Product>()
            .AnswersProblem(StatusCodes.Status404NotFound)
            .Described(GetAsync, "A product with its stock.");
        routes.MapPut("/products/{name}", PutAsync)
            .Takes<ProductUpdate>("application/json")
            .Answers<Product>()
            .AnswersInvalid()
            .Described(PutAsync, "Sets a product's stock and price.");
    }

    private Task GetAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        return inventory.Find(name) is { } product
            ? context.Response.WriteAsJsonAsync(product, OrdersJson.Default.Product)
            : Problems.Write(
                context,
                StatusCodes.Status404NotFound,
                "No such product.",
                $"No product is called {name}: PUT /products/{name} makes it.");
    }

    private async Task PutAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        if (await Bodies.ReadJsonAsync(context, OrdersJson.Default.ProductUpdate) is not { } update)
            return;
        var errors = new Dictionary<string, string[]>();
        if (update.Stock is not >= 0)
            errors["stock"] = ["A whole number from 0 is needed."];
        if (update.Price is not >= 0)
            errors["price"] = ["A number from 0 is needed."];
        if (errors.Count > 0)
        {
            await Problems.BadInput(context, errors);
            return;
        }

        try
        {
            var product = await inventory.SetAsync(name, update.Stock!.Value, update.Price!.Value, context.RequestAborted);
            await context.Response.WriteAsJsonAsync(product, OrdersJson.Default.Product);
        }
        catch (KafkaException e)
        {
            await Problems.Write(
                context,
                StatusCodes.Status503ServiceUnavailable,
                "The broker is away.",
                $"The product was not changed for sure; send the request again. {e.Message}",
                1);
        }
    }
}
