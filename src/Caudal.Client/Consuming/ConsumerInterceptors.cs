using Microsoft.Extensions.Logging;

namespace Caudal.Client.Consuming;

/// <summary>The interceptors of a consumer, called one after another; what they throw is logged. Thread safe as they are.</summary>
internal sealed partial class ConsumerInterceptors<TKey, TValue>(IConsumerInterceptor<TKey, TValue>[] interceptors, ILogger logger)
{
    /// <summary>The interceptors of a consumer; null if it has none.</summary>
    public static ConsumerInterceptors<TKey, TValue>? Of(ConsumerOptions<TKey, TValue> options, ILoggerFactory loggers) =>
        options.Interceptors.Count == 0
            ? null
            : new([.. options.Interceptors], loggers.CreateLogger<Consumer<TKey, TValue>>());

    /// <summary>What the interceptors make of a record.</summary>
    public ConsumeResult<TKey, TValue> OnConsume(ConsumeResult<TKey, TValue> record)
    {
        foreach (var interceptor in interceptors)
        {
            try
            {
                record = interceptor.OnConsume(record);
            }
            catch (Exception e)
            {
                Log.Failed(logger, nameof(OnConsume), interceptor.GetType().Name, e);
            }
        }

        return record;
    }

    /// <summary>Tells the interceptors of offsets that were committed.</summary>
    public void OnCommit(IReadOnlyList<TopicPartitionOffset> offsets)
    {
        foreach (var interceptor in interceptors)
        {
            try
            {
                interceptor.OnCommit(offsets);
            }
            catch (Exception e)
            {
                Log.Failed(logger, nameof(OnCommit), interceptor.GetType().Name, e);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1325, LogLevel.Error, "{Method} of the interceptor {Interceptor} failed; consuming goes on without it")]
        public static partial void Failed(ILogger logger, string method, string interceptor, Exception error);
    }
}
