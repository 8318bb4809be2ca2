using System.Globalization;
using Caudal.Broker.Configuration;
using Caudal.Protocol.Records;
using Caudal.Storage;

namespace Caudal.Broker.Topics;

/// <summary>Turns a topic's settings into those that its logs act on.</summary>
internal static class TopicLogConfig
{
    private static readonly string Internal = TopicConfigs.InternalSegmentBytes.Name;

    /// <summary>Makes the settings of the logs of a topic.</summary>
    /// <param name="configs">The broker's settings, which stand in for what the topic does not set.</param>
    /// <param name="overrides">The topic's own settings, checked before.</param>
    public static LogConfig Make(ConfigStore configs, IReadOnlyDictionary<string, string> overrides)
    {
        var policy = ConfigDefinition.SplitList(Text("cleanup.policy"));
        return new LogConfig
        {
            SegmentBytes = Int(overrides.ContainsKey(Internal) ? Internal : "segment.bytes"),
            SegmentMs = Long("segment.ms"),
            SegmentJitterMs = Long("segment.jitter.ms"),
            Preallocate = Text("preallocate").Trim().Equals("true", StringComparison.OrdinalIgnoreCase),
            SegmentIndexBytes = Int("segment.index.bytes"),
            IndexIntervalBytes = Int("index.interval.bytes"),
            RetentionMs = Long("retention.ms"),
            RetentionBytes = Long("retention.bytes"),
            CleanupDelete = policy.Contains("delete"),
            CleanupCompact = policy.Contains("compact"),
            MaxMessageBytes = Int("max.message.bytes"),
            TimestampType = Text("message.timestamp.type") == "LogAppendTime" ? TimestampType.LogAppendTime : TimestampType.CreateTime,
            TimestampBeforeMaxMs = Long("message.timestamp.before.max.ms"),
            TimestampAfterMaxMs = Long("message.timestamp.after.max.ms"),
            MinCleanableDirtyRatio = double.Parse(Text("min.cleanable.dirty.ratio"), NumberStyles.Float, CultureInfo.InvariantCulture),
            MinCompactionLagMs = Long("min.compaction.lag.ms"),
            MaxCompactionLagMs = Long("max.compaction.lag.ms"),
            DeleteRetentionMs = Long("delete.retention.ms"),
            FlushMessages = Long("flush.messages"),
            FlushMs = Long("flush.ms"),
            FileDeleteDelayMs = Long("file.delete.delay.ms"),
        };

        string Text(string name) =>
            TopicConfigs.TryGet(name, out var definition)
                ? configs.Resolve(definition, overrides).Value
                : throw new InvalidOperationException($"{name} is no topic setting.");

        long Long(string name) => long.Parse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

        int Int(string name) => int.Parse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }
}
