using Caudal.Client;
using Caudal.Protocol;
using Orders.Http;
using Orders.Model;
using Orders.Payments;
using Orders.Stages;
using Orders.Stock;
using Orders.Views;

namespace Orders;

/// <summary>The order pipeline in one process: HTTP front, the four stages, the simulated payment service.</summary>
/// <remarks>
/// Orders come in over HTTP, are validated, paid, reserved and notified; each stage is a consumer group of its own. Disposing ends it in
/// order.
/// </remarks>
public sealed partial class OrdersApplication : IAsyncDisposable
{
    private readonly OrdersOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _work = [];
    private readonly OrderMetrics _metrics = new();
    private readonly ILogger _logger;
    private readonly KafkaClient _client;
    private readonly Producer<string?, byte[]?> _producer;
    private readonly OrderBook _book;
    private readonly Outbox _outbox;
    private readonly Inventory _inventory;
    private readonly PaymentService _paymentService;
    private PaymentClient? _payments;
    private WebFront? _front;
    private int _disposed;

    private OrdersApplication(OrdersOptions options)
    {
        _options = options;
        _logger = options.LoggerFactory.CreateLogger("Orders");
        _client = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = options.BootstrapServers,
            ClientId = "orders",
            TimeProvider = options.TimeProvider,
            LoggerFactory = options.LoggerFactory,
        });
        _producer = _client.CreateProducer(new ProducerOptions<string?, byte[]?>(Serdes.Utf8, Serdes.ByteArray)
        {
            CloseTimeout = options.StopTimeout,
        });
        _book = new OrderBook(_metrics);
        _outbox = new Outbox(_producer);
        _inventory = new Inventory(_outbox, options);
        _paymentService = new PaymentService(options.TimeProvider);
    }

    /// <summary>Where the HTTP front listens.</summary>
    public Uri Address => _front!.Address;

    /// <summary>Starts everything and returns when orders can be posted.</summary>
    /// <param name="options">What the application is told.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="KafkaException">The brokers cannot be reached.</exception>
    /// <exception cref="IOException">The HTTP port is taken.</exception>
    public static async Task<OrdersApplication> StartAsync(OrdersOptions options, CancellationToken cancellationToken)
    {
        var application = new OrdersApplication(options);
        try
        {
            await application.StartAsync(cancellationToken);
            return application;
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>How the pipeline stands.</summary>
    public OrdersStatus Describe()
    {
        var (p50, p99) = _metrics.RecentLatency();
        return new OrdersStatus(
            _book.Reached(OrderState.Received),
            _book.Reached(OrderState.Validated),
            _book.Reached(OrderState.Rejected),
            _book.Reached(OrderState.Paid),
            _book.Reached(OrderState.Reserved),
            _book.Reached(OrderState.Refunded),
            _book.Reached(OrderState.Notified),
            p50,
            p99,
            _payments?.Circuit ?? "closed");
    }

    /// <summary>Takes no more orders, lets the stages finish what they hold, and closes the client.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (_front is not null)
            await _front.DisposeAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(_work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _producer.DisposeAsync();
        await _client.DisposeAsync();
        _payments?.Dispose();
        _inventory.Dispose();
        _metrics.Dispose();
        _stop.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await CreateTopicsAsync(cancellationToken);
        var history = new History(_client, _book, _inventory, _paymentService);
        _work.Add(SuperviseAsync("history", history.RunAsync));
        await history.CaughtUp.WaitAsync(cancellationToken);
        if (_inventory.IsEmpty)
        {
            foreach (var (name, stock, price) in FirstProducts.All)
                await _inventory.SetAsync(name, stock, price, cancellationToken);
        }

        _front = await WebFront.StartAsync(_options, Map, cancellationToken);
        var http = new HttpClient
        {
            BaseAddress = new Uri(_front.Address, "/simulation/payment-service/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _payments = new PaymentClient(http, _options, _metrics);
        var context = new StageContext(
            _client, _outbox, _book, new DeadLetters(_outbox, _metrics, _options.TimeProvider), _options, _logger);
        Stage[] stages =
        [
            new ValidateStage(context, _inventory),
            new PayStage(context, _payments),
            new StockStage(context, _inventory, _payments),
            new NotifyStage(context),
        ];
        foreach (var stage in stages)
            _work.Add(SuperviseAsync(stage.GetType().Name, stage.RunAsync));
    }

    private void Map(IEndpointRouteBuilder routes)
    {
        new OrderEndpoints(new OrderIntake(_outbox, _book, _options), _book, _options).Map(routes);
        new ProductEndpoints(_inventory).Map(routes);
        PaymentEndpoints.Map(routes, _paymentService);
        routes.MapGet("/health", HealthAsync).Answers<Health>().Described(HealthAsync, "Whether orders can be taken.");
    }

    private async Task CreateTopicsAsync(CancellationToken cancellationToken)
    {
        var configs = new Dictionary<string, string> { ["retention.ms"] = "-1" };
        var results = await _client.Admin.CreateTopicsAsync(
            Topics.All.Select(topic => new NewTopic(topic) { Partitions = _options.Partitions, Configs = configs }),
            cancellationToken: cancellationToken);
        foreach (var result in results.Values.Where(
            r => r.Error is not null and not BrokerErrorException { Code: ErrorCode.TopicAlreadyExists }))
        {
            throw result.Error!;
        }
    }

    private async Task HealthAsync(HttpContext context)
    {
        var broker = await IsBrokerThereAsync(context.RequestAborted) ? "ok" : "away";
        context.Response.StatusCode = broker == "ok" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        var health = new Health(broker, broker, _book.Count, _book.Settled, _payments?.Circuit ?? "closed");
        await context.Response.WriteAsJsonAsync(health, OrdersJson.Default.Health);
    }

    private async Task<bool> IsBrokerThereAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await _client.Admin.DescribeClusterAsync(limit.Token);
            return true;
        }
        catch (Exception e) when (e is KafkaException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Runs a part of the application again should it fail: one bug or one lost broker must not stop the others.</summary>
    private async Task SuperviseAsync(string part, Func<CancellationToken, Task> work)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await work(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Failed(_logger, part, e.Message, e);
                await Task.Delay(TimeSpan.FromSeconds(1), _options.TimeProvider, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Error, "{Part} failed and starts again: {Why}")]
        public static partial void Failed(ILogger logger, string part, string why, Exception error);
    }
}
