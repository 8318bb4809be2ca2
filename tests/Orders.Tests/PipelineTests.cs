using System.Net;
using System.Text.Json;
using Caudal.Client;
using Orders.Model;

namespace Orders.Tests;

public class PipelineTests
{
    [Fact(Timeout = 60_000)]
    public async Task An_order_is_validated_paid_reserved_and_notified()
    {
        await using var pipeline = await Pipeline.StartAsync();
        await pipeline.PutProductAsync("chair", 10);

        var response = await pipeline.PostAsync(Order("o-1", "chair", 3));
        var order = await pipeline.WaitUntilSettledAsync("o-1");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("/orders/o-1", response.Headers.Location!.ToString());
        Assert.Equal(
            [OrderState.Received, OrderState.Validated, OrderState.Paid, OrderState.Reserved, OrderState.Notified],
            order.History.Select(h => h.State));
        Assert.Equal(OrderState.Notified, order.State);
        Assert.Equal(7, (await pipeline.GetProductAsync("chair")).Stock);
        var notification = Assert.Single(await ReadAsync(pipeline, Topics.Notifications));
        Assert.Contains("o-1", notification.Value.GetProperty("text").GetString()!);
        Assert.Equal(
            ("o-1", "ana"),
            (notification.Value.GetProperty("orderId").GetString(), notification.Value.GetProperty("customer").GetString()));
    }

    [Fact(Timeout = 60_000)]
    public async Task An_order_for_an_unknown_product_is_rejected_with_the_reason()
    {
        await using var pipeline = await Pipeline.StartAsync();

        await pipeline.PostAsync(Order("o-1", "unicorn", 1));
        var order = await pipeline.WaitUntilSettledAsync("o-1");

        Assert.Equal(OrderState.Rejected, order.State);
        Assert.Contains("unicorn", order.History.Single(h => h.State == OrderState.Rejected).Reason!);
    }

    [Fact(Timeout = 60_000)]
    public async Task Stock_is_never_negative_and_what_cannot_be_filled_is_refunded()
    {
        await using var pipeline = await Pipeline.StartAsync();
        await pipeline.PutProductAsync("lamp", 10);

        await pipeline.PostAsync($"[{string.Join(',', Enumerable.Range(0, 30).Select(i => Order($"o-{i}", "lamp", 1)))}]");
        var orders = new List<OrderView>();
        for (var i = 0; i < 30; i++)
            orders.Add(await pipeline.WaitUntilSettledAsync($"o-{i}"));

        Assert.Equal(10, orders.Count(o => o.State == OrderState.Notified));
        Assert.Equal(20, orders.Count(o => o.State == OrderState.Refunded));
        Assert.Equal(new Product("lamp", 0, 1.5m, 10), await pipeline.GetProductAsync("lamp"));
        var payments = await pipeline.BehaveAsync("ok");
        Assert.Equal((30, 20), (payments.Charges, payments.Refunds));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_repeated_id_is_answered_but_not_processed_twice()
    {
        await using var pipeline = await Pipeline.StartAsync();
        await pipeline.PutProductAsync("desk", 10);

        var first = await ReceiptAsync(await pipeline.PostAsync(Order("o-1", "desk", 2)));
        await pipeline.WaitUntilSettledAsync("o-1");
        var second = await ReceiptAsync(await pipeline.PostAsync(Order("o-1", "desk", 2)));

        Assert.Equal(first with { Duplicate = true }, second);
        Assert.Single(await ReadAsync(pipeline, Topics.Orders));
        Assert.Equal(8, (await pipeline.GetProductAsync("desk")).Stock);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_same_id_posted_many_times_at_once_becomes_one_order()
    {
        await using var pipeline = await Pipeline.StartAsync();
        await pipeline.PutProductAsync("sofa", 100);

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => pipeline.PostAsync(Order("o-1", "sofa", 1))));
        await pipeline.WaitUntilSettledAsync("o-1");

        Assert.All(responses, r => Assert.Equal(HttpStatusCode.Accepted, r.StatusCode));
        Assert.Single(await ReadAsync(pipeline, Topics.Orders));
        Assert.Equal(99, (await pipeline.GetProductAsync("sofa")).Stock);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_repeated_idempotency_key_finds_the_first_order()
    {
        await using var pipeline = await Pipeline.StartAsync();
        const string body = """{"customer":"ana","product":"phone","amount":1,"quantity":1}""";

        var first = await ReceiptAsync(await pipeline.PostAsync(body, idempotencyKey: "k"));
        var second = await ReceiptAsync(await pipeline.PostAsync(body, idempotencyKey: "k"));

        Assert.Equal(first.Id, second.Id);
        Assert.True(second.Duplicate);
    }

    [Fact(Timeout = 60_000)]
    public async Task Bad_input_is_answered_with_problem_details_and_accepts_nothing()
    {
        await using var pipeline = await Pipeline.StartAsync();

        var response = await pipeline.PostAsync($$"""[{{Order("o-1", "phone", 1)}},{"customer":"c"}]""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.True(problem.RootElement.GetProperty("errors").TryGetProperty("[1].product", out _));
        Assert.Null(await pipeline.GetOrderAsync("o-1"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_that_cannot_be_taken_says_why(string type, HttpStatusCode status)
    {
        await using var pipeline = await Pipeline.StartAsync(change: options => options with { MaxBodyBytes = 1000 });

        var response = await pipeline.PostAsync(new string(' ', 2000), type);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact(Timeout = 60_000)]
    public async Task While_the_broker_is_away_orders_wait_and_later_ones_are_turned_away()
    {
        await using var pipeline = await Pipeline.StartAsync(change: options => options with
        {
            AcceptTimeout = TimeSpan.FromMilliseconds(200),
            StopTimeout = TimeSpan.FromMilliseconds(500),
            MaxPendingOrders = 1,
        });
        await pipeline.Broker.StopAsync();

        var first = await pipeline.PostAsync(Order("o-1", "phone", 1));
        var second = await pipeline.PostAsync(Order("o-2", "phone", 1));
        var health = await pipeline.Http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.All([first, second], response => Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_failing_payment_service_delays_orders_and_dead_letters_none()
    {
        await using var pipeline = await Pipeline.StartAsync();
        await pipeline.PutProductAsync("book", 100);
        await pipeline.BehaveAsync("failing");

        await pipeline.PostAsync($"[{string.Join(',', Enumerable.Range(0, 20).Select(i => Order($"o-{i}", "book", 1)))}]");
        while (pipeline.Application.Describe().PaymentCircuit == "closed")
            await Task.Yield();
        await pipeline.BehaveAsync("ok");
        for (var i = 0; i < 20; i++)
            Assert.Equal(OrderState.Notified, (await pipeline.WaitUntilSettledAsync($"o-{i}")).State);

        Assert.Empty(await ReadAsync(pipeline, Topics.DeadLetters));
        Assert.Equal(20, (await pipeline.BehaveAsync("ok")).Charges);
        Assert.Equal(80, (await pipeline.GetProductAsync("book")).Stock);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_poison_record_goes_to_the_dead_letters_and_the_next_order_passes()
    {
        await using var pipeline = await Pipeline.StartAsync();
        await using (var client = new KafkaClient(new KafkaClientOptions { BootstrapServers = pipeline.Broker.BootstrapServers }))
        {
            await using var producer = client.CreateProducer(new ProducerOptions<string?, byte[]?>(Serdes.Utf8, Serdes.ByteArray));
            await producer.ProduceAsync(
                new ProducerRecord<string?, byte[]?>(Topics.Orders, "poison", "not an order"u8.ToArray()),
                TestContext.Current.CancellationToken);
        }

        await pipeline.PostAsync(Order("o-1", "phone", 1));
        await pipeline.WaitUntilSettledAsync("o-1");

        List<Read> letters;
        do
            letters = await ReadAsync(pipeline, Topics.DeadLetters);
        while (letters.Count == 0);
        var letter = Assert.Single(letters);
        Assert.Equal(("poison", "not an order"), (letter.Key, letter.Text));
        Assert.Equal("orders", letter.Headers["original-topic"]);
        Assert.Equal("parse_error", letter.Headers["failure-reason"]);
        Assert.True(DateTimeOffset.TryParse(letter.Headers["timestamp"], out _));
    }

    [Fact(Timeout = 60_000)]
    public async Task After_a_restart_everything_is_known_again()
    {
        await using var first = await Pipeline.StartAsync();
        await first.PutProductAsync("pen", 10);
        await first.PostAsync(Order("o-1", "pen", 4));
        await first.WaitUntilSettledAsync("o-1");
        await first.Application.DisposeAsync();

        await using var second = await Pipeline.StartAsync(first.Broker);
        var again = await ReceiptAsync(await second.PostAsync(Order("o-1", "pen", 4)));

        Assert.True(again.Duplicate);
        Assert.Equal(OrderState.Notified, (await second.GetOrderAsync("o-1"))!.State);
        Assert.Equal(new Product("pen", 6, 1.5m, 4), await second.GetProductAsync("pen"));
        Assert.Single(await ReadAsync(second, Topics.Notifications));
    }

    [Fact(Timeout = 60_000)]
    public async Task Health_metrics_and_the_description_of_the_interface_are_served()
    {
        await using var pipeline = await Pipeline.StartAsync();
        await pipeline.PostAsync(Order("o-1", "phone", 1));
        await pipeline.WaitUntilSettledAsync("o-1");

        var cancel = TestContext.Current.CancellationToken;
        Assert.Contains("\"broker\":\"ok\"", await pipeline.Http.GetStringAsync(new Uri("/health", UriKind.Relative), cancel));
        Assert.Contains("orders_states", await pipeline.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancel));
        Assert.Contains("/orders/{id}", await pipeline.Http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), cancel));
    }

    private static string Order(string id, string product, int quantity) =>
        $$"""{"id":"{{id}}","customer":"ana","product":"{{product}}","amount":10,"quantity":{{quantity}}"""
        + ""","timestamp":"2026-11-24T12:00:00Z"}""";

    private static async Task<Receipt> ReceiptAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return JsonSerializer.Deserialize(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            OrdersJson.Default.Receipt)!;
    }

    private sealed record Read(string? Key, string Text, Dictionary<string, string> Headers)
    {
        public JsonElement Value => JsonDocument.Parse(Text).RootElement;
    }

    /// <summary>Everything that a topic holds now.</summary>
    private static async Task<List<Read>> ReadAsync(Pipeline pipeline, string topic)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var client = new KafkaClient(new KafkaClientOptions { BootstrapServers = pipeline.Broker.BootstrapServers });
        await using var consumer = client.CreateConsumer(new ConsumerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8)
        {
            AutoOffsetReset = AutoOffsetReset.Earliest,
        });
        var partitions = (await client.Admin.DescribeTopicsAsync([topic], cancel))[topic].GetOrThrow().Partitions
            .Select(p => new TopicPartition(topic, p.Partition))
            .ToList();
        var left = (await consumer.EndOffsetsAsync(partitions, cancel)).Values.Sum();
        var result = new List<Read>();
        if (left == 0)
            return result;
        consumer.Assign([.. partitions]);
        await foreach (var record in consumer.ConsumeAsync(cancel))
        {
            var headers = record.Headers.ToDictionary(h => h.Key, h => System.Text.Encoding.UTF8.GetString(h.Value!.Value.Span));
            result.Add(new Read(record.Key, record.Value!, headers));
            if (--left == 0)
                break;
        }

        return result;
    }
}
