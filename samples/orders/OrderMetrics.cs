using System.Diagnostics.Metrics;
using Orders.Model;

namespace Orders;

/// <summary>What the application measures, under the meter <c>Orders</c>. Thread safe.</summary>
internal sealed class OrderMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Orders";

    private const int Recent = 4096;

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _states;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _paymentAttempts;
    private readonly Histogram<double> _settleTime;
    private readonly double[] _recent = new double[Recent];
    private long _settled;

    public OrderMetrics()
    {
        _states = _meter.CreateCounter<long>("orders.states", "{order}", "Orders that reached a state.");
        _deadLetters = _meter.CreateCounter<long>("orders.dead_letters", "{record}", "Records that no stage could process.");
        _paymentAttempts = _meter.CreateCounter<long>("orders.payment.attempts", "{call}", "Calls to the payment service, by outcome.");
        _settleTime = _meter.CreateHistogram<double>("orders.settle.duration", "s", "From acceptance to notification.");
    }

    public void Reached(OrderState state) =>
        _states.Add(1, new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant()));

    public void DeadLettered(string reason) => _deadLetters.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void PaymentAttempt(string outcome) => _paymentAttempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Settled(TimeSpan time)
    {
        _settleTime.Record(time.TotalSeconds);
        _recent[(Interlocked.Increment(ref _settled) - 1) % Recent] = time.TotalMilliseconds;
    }

    /// <summary>Median and 99th percentile of the last few thousand orders, in milliseconds; zeros before the first.</summary>
    public (double P50, double P99) RecentLatency()
    {
        var count = (int)Math.Min(Interlocked.Read(ref _settled), Recent);
        if (count == 0)
            return (0, 0);
        var sorted = _recent[..count];
        Array.Sort(sorted);
        return (sorted[count / 2], sorted[Math.Min(count - 1, count * 99 / 100)]);
    }

    public void Dispose() => _meter.Dispose();
}
