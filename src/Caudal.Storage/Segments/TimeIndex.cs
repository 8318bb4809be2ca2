namespace Caudal.Storage.Segments;

/// <summary>
/// The sparse time index of a segment in memory; timestamps and offsets both rise. Threads as for <see cref="OffsetIndex"/>.
/// </summary>
internal sealed class TimeIndex
{
    /// <summary>The size of an entry in the file: a big-endian int64 and an int32.</summary>
    internal const int EntrySize = 12;

    private TimeEntry[] _entries = [];
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    internal ReadOnlySpan<TimeEntry> Entries => _entries.AsSpan(0, _count);

    internal static TimeIndex FromEntries(TimeEntry[] entries) => new() { _entries = entries, _count = entries.Length };

    /// <summary>Adds an entry if it says more than the last one.</summary>
    internal void Add(long timestamp, int relativeOffset)
    {
        var count = _count;
        if (count > 0 && timestamp <= _entries[count - 1].Timestamp)
            return;
        if (count == _entries.Length)
        {
            var grown = new TimeEntry[Math.Max(8, count * 2)];
            _entries.AsSpan(0, count).CopyTo(grown);
            Volatile.Write(ref _entries, grown);
        }

        _entries[count] = new TimeEntry(timestamp, relativeOffset);
        Volatile.Write(ref _count, count + 1);
    }

    /// <summary>The offset from which a walk finds the first record that is not older than a timestamp.</summary>
    internal int RelativeOffsetBefore(long timestamp)
    {
        var count = Volatile.Read(ref _count);
        var entries = Volatile.Read(ref _entries);
        var low = 0;
        var high = count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (entries[middle].Timestamp < timestamp)
                low = middle + 1;
            else
                high = middle;
        }

        return low == 0 ? 0 : entries[low - 1].RelativeOffset;
    }

    internal void Clear()
    {
        Volatile.Write(ref _count, 0);
        _entries = [];
    }
}
