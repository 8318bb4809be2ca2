using System.Runtime.InteropServices;

namespace Caudal.Storage.Segments;

/// <summary>
/// The sparse offset index of a segment in memory: the last offset of a batch and the position where the batch starts, one entry per few
/// KiB.
/// </summary>
/// <remarks>
/// One writer (under the log's lock), any number of readers without a lock: entries never change, the array is replaced when it grows, and
/// the count is published after the entry.
/// </remarks>
internal sealed class OffsetIndex
{
    /// <summary>The size of an entry in the file: two big-endian int32.</summary>
    internal const int EntrySize = 8;

    // Relative offset in the upper half, position in the lower: entries sort by offset as plain numbers.
    private long[] _entries = [];
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>The file's content in host order; valid for a writer that keeps others away.</summary>
    internal ReadOnlySpan<long> Entries => _entries.AsSpan(0, _count);

    internal static OffsetIndex FromEntries(long[] entries) => new() { _entries = entries, _count = entries.Length };

    internal static int RelativeOffset(long entry) => (int)(entry >> 32);

    internal static int Position(long entry) => (int)entry;

    /// <summary>Adds an entry whose offset lies above all others.</summary>
    internal void Add(int relativeOffset, int position)
    {
        var count = _count;
        if (count > 0 && relativeOffset <= RelativeOffset(_entries[count - 1]))
            return;
        if (count == _entries.Length)
        {
            var grown = new long[Math.Max(16, count * 2)];
            _entries.AsSpan(0, count).CopyTo(grown);
            Volatile.Write(ref _entries, grown);
        }

        _entries[count] = ((long)relativeOffset << 32) | (uint)position;
        Volatile.Write(ref _count, count + 1);
    }

    /// <summary>The position from which a walk finds the batch that holds an offset.</summary>
    internal int PositionBefore(long relativeOffset) => Position(EntryBefore(relativeOffset));

    /// <summary>The last entry up to an offset; 0, which means the segment's start, if there is none.</summary>
    internal long EntryBefore(long relativeOffset)
    {
        var count = Volatile.Read(ref _count);
        var entries = Volatile.Read(ref _entries);
        var low = 0;
        var high = count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (RelativeOffset(entries[middle]) <= relativeOffset)
                low = middle + 1;
            else
                high = middle;
        }

        return low == 0 ? 0 : entries[low - 1];
    }

    internal void Clear()
    {
        Volatile.Write(ref _count, 0);
        _entries = [];
    }
}

/// <summary>An entry of a time index: no record up to the offset has a larger timestamp.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TimeEntry(long Timestamp, int RelativeOffset);
