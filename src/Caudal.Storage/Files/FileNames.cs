using System.Globalization;

namespace Caudal.Storage.Files;

/// <summary>The names of the files in a partition's directory: Kafka's, and one of ours.</summary>
internal static class FileNames
{
    internal const string Log = ".log";
    internal const string OffsetIndex = ".index";
    internal const string TimeIndex = ".timeindex";
    internal const string TransactionIndex = ".txnindex";
    internal const string Snapshot = ".snapshot";

    /// <summary>Ours, beside the snapshot: the last five batches of each producer, of which Kafka's file holds only the last.</summary>
    internal const string Sequences = ".sequences";

    internal const string Deleted = ".deleted";
    internal const string Swap = ".swap";
    internal const string Cleaned = ".cleaned";
    internal const string Temporary = ".tmp";
    internal const string LeaderEpochs = "leader-epoch-checkpoint";
    internal const string PartitionMetadata = "partition.metadata";

    /// <summary>All that may lie beside a segment under its name.</summary>
    internal static readonly string[] SegmentSuffixes = [Log, OffsetIndex, TimeIndex, TransactionIndex, Snapshot, Sequences];

    internal static string Of(long offset, string suffix) => offset.ToString("D20", CultureInfo.InvariantCulture) + suffix;

    /// <summary>Reads the offset out of a name; false if it is none of ours.</summary>
    internal static bool TryParse(ReadOnlySpan<char> name, string suffix, out long offset)
    {
        offset = 0;
        return name.Length == 20 + suffix.Length
            && name.EndsWith(suffix, StringComparison.Ordinal)
            && long.TryParse(name[..20], NumberStyles.None, CultureInfo.InvariantCulture, out offset);
    }

    /// <summary>
    /// Splits a directory's name into topic and partition; false for other directories and those marked as deleted, future or stray.
    /// </summary>
    internal static bool TryParsePartition(string name, out string topic, out int partition)
    {
        topic = "";
        partition = 0;
        var dash = name.LastIndexOf('-');
        if (dash < 1 || !int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out partition))
            return false;
        topic = name[..dash];
        return true;
    }
}
