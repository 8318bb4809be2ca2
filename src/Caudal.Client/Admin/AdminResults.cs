using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>What to do with results whose failures are not looked at one by one.</summary>
public static class AdminResults
{
    /// <summary>Raises the first failure.</summary>
    /// <exception cref="KafkaException">An item failed.</exception>
    public static void ThrowIfAnyFailed<TKey>(this IReadOnlyDictionary<TKey, KafkaException?> results)
        where TKey : notnull
    {
        foreach (var error in results.Values)
        {
            if (error is not null)
                throw error;
        }
    }

    /// <summary>Raises the first failure.</summary>
    /// <exception cref="KafkaException">An item failed.</exception>
    public static void ThrowIfAnyFailed<TKey, TValue>(this IReadOnlyDictionary<TKey, AdminResult<TValue>> results)
        where TKey : notnull
    {
        foreach (var result in results.Values)
            result.GetOrThrow();
    }
}
