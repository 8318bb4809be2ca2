using Caudal.Storage.Files;
using Caudal.Storage.Segments;

namespace Caudal.Storage.Recovery;

/// <summary>Puts the names of a partition's files right after a crash: what was deleted goes, an exchange is finished.</summary>
/// <remarks>
/// An exchange by compaction is whole once all of its files have the suffix <c>.swap</c>; while one has <c>.cleaned</c>, the old segments
/// count. Kafka's LogLoader decides likewise.
/// </remarks>
internal static class LeftoverFiles
{
    private static readonly string[] IndexSuffixes = [FileNames.OffsetIndex, FileNames.TimeIndex, FileNames.TransactionIndex];

    internal static void Remove(PartitionDirectory directory)
    {
        var io = directory.Io;
        var firstCleaned = long.MaxValue;
        var swaps = new List<(string Path, long Offset)>();
        foreach (var file in Directory.GetFiles(directory.Path))
        {
            if (file.EndsWith(FileNames.Swap, StringComparison.Ordinal))
            {
                swaps.Add((file, OffsetOf(file)));
            }
            else if (file.EndsWith(FileNames.Cleaned, StringComparison.Ordinal))
            {
                firstCleaned = Math.Min(firstCleaned, OffsetOf(file));
                io.Delete(file);
            }
            else if (file.EndsWith(FileNames.Deleted, StringComparison.Ordinal)
                || file.EndsWith(FileNames.Temporary, StringComparison.Ordinal))
            {
                io.Delete(file);
            }
        }

        foreach (var (path, _) in swaps.Where(s => s.Offset >= firstCleaned))
            io.Delete(path);
        swaps.RemoveAll(s => s.Offset >= firstCleaned);
        foreach (var (path, offset) in swaps)
        {
            if (path.EndsWith(FileNames.Log + FileNames.Swap, StringComparison.Ordinal))
                DeleteReplaced(directory, path, offset);
        }

        if (swaps.Count > 0)
            io.FlushDirectory(directory.Path);
        foreach (var (path, _) in swaps)
            io.Move(path, path[..^FileNames.Swap.Length]);
        RemoveOrphans(directory);
    }

    /// <summary>Deletes the segments that a new one stands for: those that begin before its end.</summary>
    private static void DeleteReplaced(PartitionDirectory directory, string path, long offset)
    {
        var end = offset;
        using (var data = new FileData(directory.Io, path, FileMode.Open, tail: null))
            SegmentScan.Walk(data, 0, offset, verify: false, (batch, _) => end = batch.LastOffset + 1);
        foreach (var old in directory.Offsets(FileNames.Log))
        {
            if (old == offset)
                directory.DeleteSegment(old, keepsSnapshot: true);
            else if (old > offset && old < end)
                directory.DeleteSegment(old);
        }
    }

    private static void RemoveOrphans(PartitionDirectory directory)
    {
        var logs = directory.Offsets(FileNames.Log).ToHashSet();
        foreach (var suffix in IndexSuffixes)
        {
            foreach (var orphan in directory.Offsets(suffix).Where(o => !logs.Contains(o)))
                directory.Io.Delete(directory.PathOf(orphan, suffix));
        }
    }

    // Whatever bears another name is of no exchange.
    private static long OffsetOf(string path)
    {
        var name = Path.GetFileName(path.AsSpan());
        var digits = name[..Math.Max(0, name.IndexOf('.'))];
        return FileNames.TryParse(digits, "", out var offset) ? offset : long.MaxValue;
    }
}
