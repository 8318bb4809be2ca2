using System.Globalization;

namespace Caudal.Storage.Files;

/// <summary>One of the store's files that hold an offset for each partition: recovery points, start offsets and so on.</summary>
internal static class OffsetCheckpoint
{
    internal const string RecoveryPoints = "recovery-point-offset-checkpoint";
    internal const string StartOffsets = "log-start-offset-checkpoint";
    internal const string HighWatermarks = "replication-offset-checkpoint";
    internal const string CleanedOffsets = "cleaner-offset-checkpoint";

    internal static void Write(DiskIo io, string directory, string name, IEnumerable<PartitionLog> logs, Func<PartitionLog, long> offset)
    {
        var lines = logs
            .OrderBy(l => l.Topic, StringComparer.Ordinal)
            .ThenBy(l => l.Partition)
            .Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Topic} {l.Partition} {offset(l)}"));
        io.Replace(Path.Combine(directory, name), TextFile.Format([.. lines]), sync: true);
    }

    internal static Dictionary<(string Topic, int Partition), long> Read(string directory, string name)
    {
        var result = new Dictionary<(string, int), long>();
        foreach (var words in TextFile.Read(Path.Combine(directory, name)) ?? [])
        {
            if (words.Length == 3 && TextFile.TryNumber(words[1], out var partition) && TextFile.TryNumber(words[2], out var offset))
                result[(words[0], (int)partition)] = offset;
        }

        return result;
    }
}
