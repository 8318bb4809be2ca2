using System.Xml;
using static Caudal.Client.Configuration.PropertyValues;

namespace Caudal.Client.Configuration;

/// <summary>The properties of <see cref="ConsumerOptions"/>.</summary>
internal static class ConsumerProperties
{
    private const string ByDuration = "by_duration:";

    public static readonly OptionProperty<ConsumerOptions>[] Table =
    [
        new("group.id", "a name", (o, v) => o with { GroupId = v }),
        new("group.instance.id", "a name", (o, v) => o with { GroupInstanceId = v }),
        new("auto.offset.reset", "earliest, latest, none, or by_duration: and a time as PT1H30M", Reset),
        new("enable.auto.commit", PropertyValues.Boolean, (o, v) => Bool(v, b => o with { EnableAutoCommit = b })),
        new("auto.commit.interval.ms", Milliseconds, (o, v) => Time(v, t => o with { AutoCommitInterval = t })),
        new("enable.auto.offset.store", PropertyValues.Boolean, (o, v) => Bool(v, b => o with { EnableAutoOffsetStore = b })),
        new("session.timeout.ms", Milliseconds, (o, v) => Time(v, t => o with { SessionTimeout = t })),
        new("heartbeat.interval.ms", Milliseconds, (o, v) => Time(v, t => o with { HeartbeatInterval = t })),
        new("max.poll.interval.ms", Milliseconds, (o, v) => Time(v, t => o with { MaxPollInterval = t })),
        new(
            "partition.assignment.strategy",
            "range, roundrobin, sticky or cooperative-sticky, several separated by commas, the preferred one first",
            Assignors),
        new("isolation.level", "read_uncommitted or read_committed", (o, v) => OneOf(
            v, level => o with { IsolationLevel = level }, (
                "read_uncommitted", IsolationLevel.ReadUncommitted), ("read_committed", IsolationLevel.ReadCommitted))),
        new("fetch.min.bytes", Bytes, (o, v) => Int(v, n => o with { FetchMinBytes = n })),
        new("fetch.max.wait.ms", Milliseconds, (o, v) => Time(v, t => o with { FetchMaxWait = t }), "fetch.wait.max.ms"),
        new("fetch.max.bytes", Bytes, (o, v) => Int(v, n => o with { FetchMaxBytes = n })),
        new("max.partition.fetch.bytes", Bytes, (o, v) => Int(v, n => o with { MaxPartitionFetchBytes = n }), "fetch.message.max.bytes"),
        new(
            "queued.max.messages.kbytes",
            "a number of KiB",
            (o, v) => Long(v, n => o with { MaxBufferedBytes = (int)Math.Clamp(n * 1024, 0, int.MaxValue) })),
        new("check.crcs", PropertyValues.Boolean, (o, v) => Bool(v, b => o with { CheckCrcs = b })),
    ];

    private static ConsumerOptions? Reset(ConsumerOptions options, string text)
    {
        if (!text.StartsWith(ByDuration, StringComparison.OrdinalIgnoreCase))
            return ResetByName(options, text);
        return TryParseDuration(text[ByDuration.Length..], out var age)
            ? options with { AutoOffsetReset = AutoOffsetReset.ByDuration, AutoOffsetResetAge = age }
            : null;
    }

    private static ConsumerOptions? ResetByName(ConsumerOptions options, string text) => OneOf(
        text,
        reset => options with { AutoOffsetReset = reset },
        ("earliest", AutoOffsetReset.Earliest),
        ("smallest", AutoOffsetReset.Earliest),
        ("beginning", AutoOffsetReset.Earliest),
        ("latest", AutoOffsetReset.Latest),
        ("largest", AutoOffsetReset.Latest),
        ("end", AutoOffsetReset.Latest),
        ("none", AutoOffsetReset.None),
        ("error", AutoOffsetReset.None));

    // ISO 8601, as Java's Duration reads it: P1DT2H3M4.5S.
    private static bool TryParseDuration(string text, out TimeSpan duration)
    {
        try
        {
            duration = XmlConvert.ToTimeSpan(text);
            return duration >= TimeSpan.Zero;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            duration = default;
            return false;
        }
    }

    private static ConsumerOptions? Assignors(ConsumerOptions options, string text)
    {
        var assignors = new List<IGroupAssignor>();
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // Java names classes: org.apache.kafka.clients.consumer.RangeAssignor.
            var simple = name[(name.LastIndexOf('.') + 1)..];
            if (simple.EndsWith("Assignor", StringComparison.Ordinal))
                simple = simple[..^"Assignor".Length];
            if (simple == "CooperativeSticky")
                simple = "cooperative-sticky";
            if (GroupAssignors.Find(simple.ToLowerInvariant()) is not { } assignor)
                return null;
            assignors.Add(assignor);
        }

        return assignors.Count == 0 ? null : options with { Assignors = assignors };
    }
}
