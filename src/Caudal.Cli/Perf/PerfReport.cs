using System.Text.Json.Serialization;

namespace Caudal.Cli.Perf;

/// <summary>The line that a measurement ends with. All but <see cref="MaxRss"/> cover what followed the warm-up.</summary>
internal sealed record PerfReport
{
    /// <summary>Whose figures these are.</summary>
    [JsonPropertyName("peer")]
    public string Peer { get; init; } = "caudal";

    /// <summary>What was done: <c>produce</c> or <c>consume</c>.</summary>
    [JsonPropertyName("work")]
    public required string Work { get; init; }

    /// <summary>How many records were measured.</summary>
    [JsonPropertyName("records")]
    public required long Records { get; init; }

    /// <summary>The bytes of their values.</summary>
    [JsonPropertyName("bytes")]
    public required long Bytes { get; init; }

    /// <summary>How long it took.</summary>
    [JsonPropertyName("seconds")]
    public required double Seconds { get; init; }

    /// <summary>The processor time of the process, user and system.</summary>
    [JsonPropertyName("cpu_seconds")]
    public required double CpuSeconds { get; init; }

    /// <summary>The most bytes that the process had in memory.</summary>
    [JsonPropertyName("max_rss")]
    public required long MaxRss { get; init; }

    /// <summary>The bytes that were allocated on the heap.</summary>
    [JsonPropertyName("allocated")]
    public required long Allocated { get; init; }

    /// <summary>The median latency from the call to the acknowledgement.</summary>
    [JsonPropertyName("p50_ms")]
    public double? P50 { get; init; }

    /// <summary>The latency that one record in a hundred exceeds.</summary>
    [JsonPropertyName("p99_ms")]
    public double? P99 { get; init; }

    /// <summary>The latency that one record in a thousand exceeds.</summary>
    [JsonPropertyName("p999_ms")]
    public double? P999 { get; init; }

    /// <summary>How many records were left out of the figures.</summary>
    [JsonPropertyName("warmup_records")]
    public required long WarmUpRecords { get; init; }
}
