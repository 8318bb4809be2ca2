namespace Caudal.Client.Connections;

/// <summary>
/// Waits that double from attempt to attempt, each shifted by up to a fifth so that clients do not retry in step (KIP-580). Thread safe.
/// </summary>
internal readonly record struct ExponentialBackoff(TimeSpan Initial, TimeSpan Max)
{
    private const double Jitter = 0.2;

    /// <summary>The wait after so many failures in a row; the first failure is 1.</summary>
    public TimeSpan After(int failures)
    {
        if (failures <= 0)
            return TimeSpan.Zero;
        var wait = Math.Min(Initial.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)), Max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(wait * (1 - Jitter + (Random.Shared.NextDouble() * 2 * Jitter)));
    }
}
