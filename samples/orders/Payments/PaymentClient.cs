using System.Net;
using Orders.Model;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Orders.Payments;

/// <summary>
/// Calls the payment service: each call within a time limit, tried again with growing pauses, and not at all while the circuit is
/// open. Thread safe.
/// </summary>
internal sealed class PaymentClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly ResiliencePipeline _pipeline;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly OrderMetrics _metrics;

    public PaymentClient(HttpClient http, OrdersOptions options, OrderMetrics metrics)
    {
        _http = http;
        _metrics = metrics;
        var transient = new PredicateBuilder().Handle<HttpRequestException>().Handle<TimeoutRejectedException>();
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = options.TimeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = transient,
                MaxRetryAttempts = 4,
                Delay = TimeSpan.FromMilliseconds(200),
                MaxDelay = TimeSpan.FromSeconds(16),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = transient,
                FailureRatio = 0.5,
                MinimumThroughput = 10,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(2),
                StateProvider = _circuit,
            })
            .AddTimeout(options.PaymentTimeout)
            .Build();
    }

    /// <summary>The state of the circuit, for people.</summary>
    public string Circuit => _circuit.CircuitState.ToString().ToLowerInvariant();

    /// <summary>Takes the money of an order; the order's id is the idempotency key, so a repeated call takes nothing.</summary>
    /// <exception cref="PaymentUnavailableException">
    /// The service does not answer or the circuit is open: wait, then try the same order again.
    /// </exception>
    /// <exception cref="PaymentRefusedException">The service refused the payment: trying again is of no use.</exception>
    public Task<PaymentReceipt> PayAsync(Order order, CancellationToken cancellationToken) =>
        SendAsync("charges", order, cancellationToken);

    /// <summary>Gives the money of an order back.</summary>
    /// <exception cref="PaymentUnavailableException">
    /// The service does not answer or the circuit is open: wait, then try the same order again.
    /// </exception>
    /// <exception cref="PaymentRefusedException">The service refused: trying again is of no use.</exception>
    public Task<PaymentReceipt> RefundAsync(Order order, CancellationToken cancellationToken) =>
        SendAsync("refunds", order, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<PaymentReceipt> SendAsync(string resource, Order order, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(async token => await CallAsync(resource, order, token), cancellationToken);
        }
        catch (BrokenCircuitException e)
        {
            _metrics.PaymentAttempt("circuit_open");
            throw new PaymentUnavailableException("The circuit is open.", e.RetryAfter ?? TimeSpan.FromSeconds(1), e);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException)
        {
            throw new PaymentUnavailableException($"The payment service does not answer: {e.Message}", TimeSpan.FromSeconds(1), e);
        }
    }

    private async Task<PaymentReceipt> CallAsync(string resource, Order order, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, resource);
        request.Headers.Add("Idempotency-Key", order.Id);
        request.Content = JsonContent.Create(new PaymentRequest(order.Id, order.Amount), OrdersJson.Default.PaymentRequest);
        using var response = await _http.SendAsync(request, cancellationToken);
        _metrics.PaymentAttempt(response.IsSuccessStatusCode ? "ok" : "failed");
        if (response.StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError)
            throw new PaymentRefusedException($"The payment service refused order {order.Id}: {(int)response.StatusCode}.");
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync(OrdersJson.Default.PaymentReceipt, cancellationToken)
            ?? throw new PaymentRefusedException($"The payment service answered order {order.Id} with nothing.");
    }
}

/// <summary>The payment service cannot be reached now; the same call may succeed later.</summary>
internal sealed class PaymentUnavailableException(string message, TimeSpan retryAfter, Exception inner) : Exception(message, inner)
{
    /// <summary>How long to wait before the next try.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>The payment service will not take this payment.</summary>
internal sealed class PaymentRefusedException(string message) : Exception(message);
