using System.Globalization;
using System.Text;
using Caudal.Protocol.Records;

namespace Orders.Stages;

/// <summary>Keeps what no stage could process: the original key and value, and headers that say where it came from and why.</summary>
internal sealed class DeadLetters(Outbox outbox, OrderMetrics metrics, TimeProvider time)
{
    /// <summary>The value is not what the topic holds.</summary>
    public const string ParseError = "parse_error";

    /// <summary>Processing failed, again and again.</summary>
    public const string ProcessingFailed = "processing_failed";

    /// <summary>Writes a dead letter and waits for its acknowledgement: a record is only given up once its letter is safe.</summary>
    public async ValueTask SendAsync(Incoming record, string reason, string detail, CancellationToken cancellationToken)
    {
        RecordHeader[] headers =
        [
            Header("original-topic", record.Topic),
            Header("original-partition", record.Partition.ToString(CultureInfo.InvariantCulture)),
            Header("original-offset", record.Offset.ToString(CultureInfo.InvariantCulture)),
            Header("failure-reason", reason),
            Header("failure-detail", detail),
            Header("timestamp", time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
        ];
        await outbox.SendRawAsync(Topics.DeadLetters, record.Key, record.Value, headers, cancellationToken);
        metrics.DeadLettered(reason);
    }

    private static RecordHeader Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}

/// <summary>A record as a stage receives it, in memory of its own.</summary>
internal sealed record Incoming(string Topic, int Partition, long Offset, string? Key, byte[]? Value);
