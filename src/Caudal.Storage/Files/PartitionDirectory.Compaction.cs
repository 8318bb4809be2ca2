using Caudal.Storage.Segments;

namespace Caudal.Storage.Files;

internal sealed partial class PartitionDirectory
{
    // The log first: a crash between leaves a .cleaned behind, which tells recovery that the set is not whole.
    private static readonly string[] CleanedSuffixes =
        [FileNames.Log, FileNames.OffsetIndex, FileNames.TimeIndex, FileNames.TransactionIndex];

    /// <summary>Opens the file that compaction writes to. It stays out of the tail cache.</summary>
    internal FileData OpenCleaned(long baseOffset) =>
        new(io, PathOf(baseOffset, FileNames.Log) + FileNames.Cleaned, FileMode.Create, tail: null);

    /// <summary>Removes what compaction wrote so far.</summary>
    internal void DropCleaned(long baseOffset)
    {
        foreach (var suffix in CleanedSuffixes)
        {
            io.Delete(PathOf(baseOffset, suffix) + FileNames.Cleaned);
            io.Delete(PathOf(baseOffset, suffix) + FileNames.Swap);
        }
    }

    /// <summary>
    /// Writes the indexes of a segment whose bytes are on the disk, and declares the set of files whole: the suffix becomes <c>.swap</c>.
    /// </summary>
    internal void PromoteCleaned(LogSegment cleaned)
    {
        var path = PathOf(cleaned.BaseOffset, "");
        IndexFile.Write(io, path + FileNames.OffsetIndex + FileNames.Cleaned, cleaned.Offsets.Entries, sync: true);
        IndexFile.Write(io, path + FileNames.TimeIndex + FileNames.Cleaned, cleaned.Times.Entries, sync: true);
        TransactionIndexFile.Write(io, path + FileNames.TransactionIndex + FileNames.Cleaned, cleaned.Aborted.Entries);
        foreach (var suffix in CleanedSuffixes)
            MoveIfThere(path + suffix + FileNames.Cleaned, path + suffix + FileNames.Swap);
        io.FlushDirectory(Path);
    }

    /// <summary>Takes the old files away and gives the new ones their names.</summary>
    internal void FinishSwap(LogSegment[] old, LogSegment cleaned, long delayMs)
    {
        foreach (var segment in old)
        {
            // The snapshot of the producers at the first offset is as right as before.
            var suffixes = segment.BaseOffset == cleaned.BaseOffset ? CleanedSuffixes : FileNames.SegmentSuffixes;
            RemoveFiles(segment.BaseOffset, suffixes, delayMs);
        }

        // An old segment that came back beside the new one would be cut off as damaged.
        io.FlushDirectory(Path);
        var path = PathOf(cleaned.BaseOffset, "");
        foreach (var suffix in CleanedSuffixes)
            MoveIfThere(path + suffix + FileNames.Swap, path + suffix);
        var data = (FileData)cleaned.Data;
        data.Path = path + FileNames.Log;
        // Retention by the time of creation goes on from the old segments'.
        File.SetLastWriteTimeUtc(data.Path, DateTimeOffset.FromUnixTimeMilliseconds(cleaned.CreatedMs).UtcDateTime);
        io.FlushDirectory(Path);
    }

    private void MoveIfThere(string from, string to)
    {
        if (File.Exists(from))
            io.Move(from, to);
    }
}
