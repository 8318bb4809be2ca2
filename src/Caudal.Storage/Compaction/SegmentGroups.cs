using Caudal.Storage.Segments;

namespace Caudal.Storage.Compaction;

/// <summary>Which neighbouring segments are rewritten into one: as many as surely fit.</summary>
internal static class SegmentGroups
{
    /// <param name="segments">All segments.</param>
    /// <param name="count">How many of them, from the first on, are rewritten; fewer than all.</param>
    /// <param name="config">The limits.</param>
    internal static List<Range> Of(LogSegment[] segments, int count, LogConfig config)
    {
        var groups = new List<Range>();
        for (var first = 0; first < count;)
        {
            var end = first + 1;
            long size = segments[first].Size;
            long entries = segments[first].Offsets.Count;
            while (end < count
                && (size += segments[end].Size) <= config.SegmentBytes
                && segments[end + 1].BaseOffset - segments[first].BaseOffset <= int.MaxValue
                && (entries += segments[end].Offsets.Count) <= config.SegmentIndexBytes / OffsetIndex.EntrySize)
            {
                end++;
            }

            groups.Add(first..end);
            first = end;
        }

        return groups;
    }
}
