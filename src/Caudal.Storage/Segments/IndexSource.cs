using Caudal.Storage.Files;

namespace Caudal.Storage.Segments;

/// <summary>Writes the indexes of a log's segments to files and finds them there again.</summary>
internal sealed class IndexSource(PartitionDirectory directory)
{
    /// <summary>Writes the files.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="sync">Whether the disk has them on return: retention believes them once the segment counts as synced.</param>
    internal void Write(LogSegment segment, bool sync)
    {
        // First what is no convenience: a segment with the others and without this one would count as one without aborts.
        TransactionIndexFile.Write(directory.Io, directory.PathOf(segment.BaseOffset, FileNames.TransactionIndex), segment.Aborted.Entries);
        IndexFile.Write(directory.Io, directory.PathOf(segment.BaseOffset, FileNames.OffsetIndex), segment.Offsets.Entries, sync);
        IndexFile.Write(directory.Io, directory.PathOf(segment.BaseOffset, FileNames.TimeIndex), segment.Times.Entries, sync);
    }

    /// <summary>Reads the offset index; an empty one, which means longer walks, if the file went away.</summary>
    internal OffsetIndex LoadOffsets(LogSegment segment) => TryLoadOffsets(segment) ?? new OffsetIndex();

    /// <summary>Reads the time index; an empty one, which means longer walks, if the file went away.</summary>
    internal TimeIndex LoadTimes(LogSegment segment) => TryLoadTimes(segment) ?? new TimeIndex();

    /// <summary>Reads the index of aborted transactions of a segment that has some.</summary>
    /// <exception cref="InvalidDataException">The file is gone or damaged: which records are void is not known any more.</exception>
    internal TransactionIndex LoadAborted(LogSegment segment) =>
        TryLoadAborted(segment) is { Count: > 0 } aborted
            ? aborted
            : throw new InvalidDataException($"The .txnindex of the segment {segment.BaseOffset} is gone or damaged.");

    /// <summary>Reads the index of aborted transactions; null if the file is damaged.</summary>
    internal TransactionIndex? TryLoadAborted(LogSegment segment) =>
        TransactionIndexFile.Read(directory.PathOf(segment.BaseOffset, FileNames.TransactionIndex), segment.BaseOffset) is { } entries
            ? TransactionIndex.FromEntries(entries)
            : null;

    internal OffsetIndex? TryLoadOffsets(LogSegment segment) =>
        IndexFile.ReadOffsets(directory.PathOf(segment.BaseOffset, FileNames.OffsetIndex), segment.Size) is { } entries
            ? OffsetIndex.FromEntries(entries)
            : null;

    internal TimeIndex? TryLoadTimes(LogSegment segment) =>
        IndexFile.ReadTimes(directory.PathOf(segment.BaseOffset, FileNames.TimeIndex)) is { } entries
            ? TimeIndex.FromEntries(entries)
            : null;
}
