using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Caudal.Broker;
using Orders.Model;

namespace Orders.Tests;

/// <summary>The whole application on an embedded broker in memory, with an HTTP client.</summary>
internal sealed class Pipeline : IAsyncDisposable
{
    private readonly bool _ownsBroker;

    private Pipeline(EmbeddedBroker broker, bool ownsBroker, OrdersApplication application)
    {
        Broker = broker;
        _ownsBroker = ownsBroker;
        Application = application;
        Http = new HttpClient { BaseAddress = application.Address };
    }

    public EmbeddedBroker Broker { get; }

    public OrdersApplication Application { get; }

    public HttpClient Http { get; }

    public static async Task<Pipeline> StartAsync(EmbeddedBroker? broker = null, Func<OrdersOptions, OrdersOptions>? change = null)
    {
        var cancel = TestContext.Current.CancellationToken;
        var own = broker is null;
        broker ??= await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions(), cancel);
        var options = new OrdersOptions
        {
            BootstrapServers = broker.BootstrapServers,
            HttpPort = 0,
            PaymentTimeout = TimeSpan.FromMilliseconds(300),
        };
        return new Pipeline(broker, own, await OrdersApplication.StartAsync(change?.Invoke(options) ?? options, cancel));
    }

    public async Task<HttpResponseMessage> PostAsync(string body, string type = "application/json", string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task PutProductAsync(string name, int stock)
    {
        using var content = new StringContent($$"""{"stock":{{stock}},"price":1.5}""", Encoding.UTF8, "application/json");
        var response = await Http.PutAsync(new Uri($"/products/{name}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    public async Task<Product> GetProductAsync(string name) =>
        JsonSerializer.Deserialize(
            await Http.GetStringAsync(new Uri($"/products/{name}", UriKind.Relative), TestContext.Current.CancellationToken),
            OrdersJson.Default.Product)!;

    public async Task<PaymentServiceState> BehaveAsync(string mode, int latencyMs = 0)
    {
        using var content = new StringContent($$"""{"mode":"{{mode}}","latencyMs":{{latencyMs}}}""", Encoding.UTF8, "application/json");
        var response = await Http.PutAsync(
            new Uri("/simulation/payment-service", UriKind.Relative), content, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return JsonSerializer.Deserialize(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            OrdersJson.Default.PaymentServiceState)!;
    }

    public async Task<OrderView?> GetOrderAsync(string id)
    {
        var response = await Http.GetAsync(new Uri($"/orders/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound
            ? null
            : JsonSerializer.Deserialize(
                await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                OrdersJson.Default.OrderView);
    }

    /// <summary>Asks until the order's customer was told.</summary>
    public async Task<OrderView> WaitUntilSettledAsync(string id)
    {
        while (true)
        {
            if (await GetOrderAsync(id) is { } order && order.History.Any(h => h.State == OrderState.Notified))
                return order;
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Application.DisposeAsync();
        if (_ownsBroker)
            await Broker.DisposeAsync();
    }
}
