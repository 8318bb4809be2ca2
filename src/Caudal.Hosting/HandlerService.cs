using Caudal.Client;
using Caudal.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caudal.Hosting;

/// <summary>Consumes for a handler as long as the application runs.</summary>
internal sealed partial class HandlerService<THandler, TKey, TValue>(
    IServiceScopeFactory scopes,
    KafkaClient client,
    ConsumerOptions<TKey, TValue> options,
    IReadOnlyCollection<string> topics,
    ProcessingOptions processing,
    ILoggerFactory? loggers) : BackgroundService
    where THandler : class, IRecordHandler<TKey, TValue>
{
    private readonly ILogger _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<THandler>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ConsumeAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (KafkaException e) when (e.IsRetriable)
            {
                Log.Interrupted(_logger, typeof(THandler).Name, e.Message);
                await Task.Delay(client.Options.RetryBackoffMax, client.Options.TimeProvider, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ConsumeAsync(CancellationToken stoppingToken)
    {
        var consumer = client.CreateConsumer(options);
        await using (consumer.ConfigureAwait(false))
        {
            consumer.Subscribe([.. topics]);
            await consumer.RunAsync(HandleAsync, processing, stoppingToken).ConfigureAwait(false);
        }
    }

    private async ValueTask HandleAsync(ConsumeResult<TKey, TValue> record, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
            await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync(record, cancellationToken).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Handler} was interrupted: {Reason}; it starts again")]
        public static partial void Interrupted(ILogger logger, string handler, string reason);
    }
}
