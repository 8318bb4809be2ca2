using Orders.Model;

namespace Orders.Load;

/// <summary>Posts made-up orders over real HTTP at a steady rate, for demonstrations and measurements.</summary>
public sealed class LoadGenerator(Uri front, int ordersPerSecond, TimeProvider time)
{
    private const int MaxBatch = 50;
    private const int TicksPerSecond = 100;
    private const int MaxParallelRequests = 32;

    private readonly Random _random = new(4711);

    /// <summary>Orders that were accepted so far.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Orders that were not accepted so far.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    private long _accepted;
    private long _refused;

    /// <summary>Posts until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = front };
        using var room = new SemaphoreSlim(MaxParallelRequests);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond), time);
        var start = time.GetTimestamp();
        var posted = 0L;
        var products = (await http.GetFromJsonAsync("/products", OrdersJson.Default.ProductArray, cancellationToken))!
            .Select(p => p.Name)
            .ToArray();
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var due = (long)(time.GetElapsedTime(start).TotalSeconds * ordersPerSecond);
            while (posted < due)
            {
                var count = (int)Math.Min(MaxBatch, due - posted);
                posted += count;
                await room.WaitAsync(cancellationToken);
                _ = PostAsync(http, room, MakeOrders(products, count), cancellationToken);
            }
        }
    }

    private Order[] MakeOrders(string[] products, int count)
    {
        var orders = new Order[count];
        for (var i = 0; i < count; i++)
        {
            var quantity = _random.Next(1, 4);
            orders[i] = new Order(
                Guid.CreateVersion7().ToString(),
                $"customer-{_random.Next(10_000)}",
                products[_random.Next(products.Length)],
                quantity * 10m,
                quantity,
                time.GetUtcNow());
        }

        return orders;
    }

    private async Task PostAsync(HttpClient http, SemaphoreSlim room, Order[] orders, CancellationToken cancellationToken)
    {
        try
        {
            using var response = orders.Length == 1
                ? await http.PostAsJsonAsync("/orders", orders[0], OrdersJson.Default.Order, cancellationToken)
                : await http.PostAsJsonAsync("/orders", orders, OrdersJson.Default.OrderArray, cancellationToken);
            Interlocked.Add(ref response.IsSuccessStatusCode ? ref _accepted : ref _refused, orders.Length);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            Interlocked.Add(ref _refused, orders.Length);
        }
        finally
        {
            room.Release();
        }
    }
}
