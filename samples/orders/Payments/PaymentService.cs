using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Orders.Model;

namespace Orders.Payments;

/// <summary>
/// A payment service that is not there: it takes money once for each idempotency key, and misbehaves when told to. Thread safe.
/// </summary>
internal sealed class PaymentService(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, decimal> _charges = new();
    private readonly ConcurrentDictionary<string, decimal> _refunds = new();
    private volatile Behaviour _behaviour = new("ok", 0);
    private long _repeated;

    public static bool IsMode(string? mode) => mode is "ok" or "slow" or "failing" or "down";

    public void Behave(string mode, int latencyMs) => _behaviour = new Behaviour(mode, latencyMs);

    /// <summary>Takes money, or gives it back.</summary>
    /// <returns>The receipt, or null when the service fails on purpose.</returns>
    public async Task<PaymentReceipt?> HandleAsync(string key, PaymentRequest request, bool refund, CancellationToken cancellationToken)
    {
        var behaviour = _behaviour;
        var latency = behaviour.Mode == "slow" && behaviour.LatencyMs == 0 ? 5_000 : behaviour.LatencyMs;
        if (latency > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(latency), time, cancellationToken);
        if (behaviour.Mode == "failing")
            return null;
        if (!(refund ? _refunds : _charges).TryAdd(key, request.Amount))
            Interlocked.Increment(ref _repeated);

        // The number follows from the key, so that it is the same whenever the key comes again, after a restart, too.
        var number = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 8));
        return new PaymentReceipt((refund ? "r-" : "p-") + number, request.OrderId, request.Amount);
    }

    /// <summary>Whether connections are to be cut without an answer.</summary>
    public bool IsDown => _behaviour.Mode == "down";

    /// <summary>Remembers a payment of an earlier run.</summary>
    public void Remember(string key, decimal amount, bool refund) => (refund ? _refunds : _charges).TryAdd(key, amount);

    public PaymentServiceState Describe() => new(
        _behaviour.Mode,
        _behaviour.LatencyMs,
        _charges.Count,
        _charges.Values.Sum(),
        _refunds.Count,
        _refunds.Values.Sum(),
        Interlocked.Read(ref _repeated));

    private sealed record Behaviour(string Mode, int LatencyMs);
}
