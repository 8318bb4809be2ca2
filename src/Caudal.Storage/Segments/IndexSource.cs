using Caudal.Storage.Files;

namespace Caudal.Storage.Segments;

/// <summary>Writes the indexes of a log's segments to files and finds them there again.</summary>
internal sealed class IndexSource(PartitionDirectory directory)
{
    internal void Write(LogSegment segment)
    {
        IndexFile.Write(directory.Io, directory.PathOf(segment.BaseOffset, FileNames.OffsetIndex), segment.Offsets.Entries);
        IndexFile.Write(directory.Io, directory.PathOf(segment.BaseOffset, FileNames.TimeIndex), segment.Times.Entries);
    }

    /// <summary>Reads the offset index; an empty one, which means longer walks, if the file went away.</summary>
    internal OffsetIndex LoadOffsets(LogSegment segment) => TryLoadOffsets(segment) ?? new OffsetIndex();

    /// <summary>Reads the time index; an empty one, which means longer walks, if the file went away.</summary>
    internal TimeIndex LoadTimes(LogSegment segment) => TryLoadTimes(segment) ?? new TimeIndex();

    internal OffsetIndex? TryLoadOffsets(LogSegment segment) =>
        IndexFile.ReadOffsets(directory.PathOf(segment.BaseOffset, FileNames.OffsetIndex), segment.Size) is { } entries
            ? OffsetIndex.FromEntries(entries)
            : null;

    internal TimeIndex? TryLoadTimes(LogSegment segment) =>
        IndexFile.ReadTimes(directory.PathOf(segment.BaseOffset, FileNames.TimeIndex)) is { } entries
            ? TimeIndex.FromEntries(entries)
            : null;
}
