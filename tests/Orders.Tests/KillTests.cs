using System.Net;
using System.Text;
using System.Text.Json;
using Orders.Model;

namespace Orders.Tests;

public sealed class KillTests : IDisposable
{
    private const int Orders = 1_000;
    private const int ArraySize = 50;

    private readonly string _data = Directory.CreateTempSubdirectory("caudal-orders-").FullName;

    [Fact(Timeout = 120_000)]
    public async Task After_kill_9_no_order_is_lost_and_none_is_paid_or_reserved_twice()
    {
        await using (var first = await DemoProcess.StartAsync(_data))
        {
            await PutProductAsync(first.Http, 600);
            await PostAsync(first.Http, 0, Orders / 2);
            await first.KillAsync();
        }

        await using (var second = await DemoProcess.StartAsync(_data))
        {
            // What the first run answered is repeated, as a client does that does not know whether its answers were the last word.
            await PostAsync(second.Http, 0, Orders);
            await second.KillAsync();
        }

        await using var third = await DemoProcess.StartAsync(_data);
        await PostAsync(third.Http, 0, Orders);
        var views = new List<OrderView>();
        for (var i = 0; i < Orders; i++)
            views.Add(await WaitUntilSettledAsync(third.Http, $"o-{i}"));
        var product = await GetAsync(third.Http, "/products/pin", OrdersJson.Default.Product);
        var payments = await GetAsync(third.Http, "/simulation/payment-service", OrdersJson.Default.PaymentServiceState);

        Assert.Equal(600, views.Count(v => v.State == OrderState.Notified));
        Assert.Equal(400, views.Count(v => v.State == OrderState.Refunded));
        Assert.Equal(0, product.Stock);
        Assert.Equal(600, product.Reserved);
        Assert.Equal((Orders, 400), (payments.Charges, payments.Refunds));
        Assert.Equal((Orders * 2m, 400 * 2m), (payments.Charged, payments.Refunded));
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static async Task PutProductAsync(HttpClient http, int stock)
    {
        using var content = new StringContent($$"""{"stock":{{stock}},"price":2}""", Encoding.UTF8, "application/json");
        var response = await http.PutAsync(new Uri("/products/pin", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task PostAsync(HttpClient http, int from, int to)
    {
        for (var start = from; start < to; start += ArraySize)
        {
            var orders = Enumerable.Range(start, ArraySize).Select(i =>
                $$"""{"id":"o-{{i}}","customer":"c","product":"pin","amount":2,"quantity":1,"timestamp":"2026-11-24T12:00:00Z"}""");
            using var content = new StringContent($"[{string.Join(',', orders)}]", Encoding.UTF8, "application/json");
            var response = await http.PostAsync(new Uri("/orders", UriKind.Relative), content, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        }
    }

    private static async Task<OrderView> WaitUntilSettledAsync(HttpClient http, string id)
    {
        while (true)
        {
            var order = await GetAsync(http, $"/orders/{id}", OrdersJson.Default.OrderView);
            if (order.History.Any(h => h.State == OrderState.Notified))
                return order;
            await Task.Yield();
        }
    }

    private static async Task<T> GetAsync<T>(HttpClient http, string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(
            await http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken),
            type)!;
}
