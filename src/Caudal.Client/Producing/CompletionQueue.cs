using System.Collections.Concurrent;
using Caudal.Protocol;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Producing;

/// <summary>
/// Tells users what became of their records, batch after batch, on the thread pool: their code never runs on the loops that send and
/// receive.
/// </summary>
/// <remarks>Thread safe. At most one thread tells at a time.</remarks>
internal sealed partial class CompletionQueue(ILogger logger) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Entry> _entries = new();
    private int _running;

    /// <summary>Queues what is to be told.</summary>
    public void Add(ProducerBatch batch, long baseOffset, long logAppendTime, KafkaException? error)
    {
        _entries.Enqueue(new Entry(batch, baseOffset, logAppendTime, error));
        if (Interlocked.Exchange(ref _running, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            while (_entries.TryDequeue(out var entry))
                entry.Batch.Tell(entry.BaseOffset, entry.LogAppendTime, entry.Error, error => Log.HandlerFailed(logger, error));
            Interlocked.Exchange(ref _running, 0);
        }
        while (!_entries.IsEmpty && Interlocked.Exchange(ref _running, 1) == 0);
    }

    private readonly record struct Entry(ProducerBatch Batch, long BaseOffset, long LogAppendTime, KafkaException? Error);

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Error, "A delivery handler failed; delivering goes on")]
        public static partial void HandlerFailed(ILogger logger, Exception error);
    }
}
