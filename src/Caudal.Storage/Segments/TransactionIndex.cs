namespace Caudal.Storage.Segments;

/// <summary>The aborted transactions whose markers lie in a segment, in the order of the markers.</summary>
/// <remarks>One writer (under the log's lock), any number of readers without a lock, as in <see cref="OffsetIndex"/>.</remarks>
internal sealed class TransactionIndex
{
    /// <summary>The size of an entry in the file: a version (int16) and four int64, big-endian.</summary>
    internal const int EntrySize = sizeof(short) + (4 * sizeof(long));

    private AbortedTransaction[] _entries = [];
    private int _count;

    /// <summary>An index without entries, which most segments have for good. Never added to.</summary>
    internal static TransactionIndex Empty { get; } = new();

    internal int Count => Volatile.Read(ref _count);

    /// <summary>All entries; valid for a writer that keeps others away.</summary>
    internal ReadOnlySpan<AbortedTransaction> Entries => _entries.AsSpan(0, _count);

    internal static TransactionIndex FromEntries(AbortedTransaction[] entries) =>
        entries.Length == 0 ? Empty : new TransactionIndex { _entries = entries, _count = entries.Length };

    /// <summary>Adds a transaction whose marker lies behind all others.</summary>
    internal void Add(AbortedTransaction entry)
    {
        var count = _count;
        if (count == _entries.Length)
        {
            var grown = new AbortedTransaction[Math.Max(4, count * 2)];
            _entries.AsSpan(0, count).CopyTo(grown);
            Volatile.Write(ref _entries, grown);
        }

        _entries[count] = entry;
        Volatile.Write(ref _count, count + 1);
    }

    /// <summary>Collects the transactions that have records in a range of offsets.</summary>
    /// <param name="from">The first offset.</param>
    /// <param name="to">The offset behind the last one.</param>
    /// <param name="found">Where they are added.</param>
    /// <returns>True if no later segment's index can hold one more.</returns>
    internal bool Collect(long from, long to, List<AbortedTransaction> found)
    {
        var count = Volatile.Read(ref _count);
        var entries = Volatile.Read(ref _entries);
        var low = 0;
        var high = count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (entries[middle].LastOffset < from)
                low = middle + 1;
            else
                high = middle;
        }

        for (var i = low; i < count; i++)
        {
            if (entries[i].FirstOffset < to)
                found.Add(entries[i]);
            // Whatever ended later began behind the range.
            if (entries[i].LastStableOffset >= to)
                return true;
        }

        return false;
    }
}
