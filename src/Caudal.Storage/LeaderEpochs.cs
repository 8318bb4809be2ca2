namespace Caudal.Storage;

/// <summary>Which leader epoch began at which offset: how consumers notice that offsets were used twice (KIP-101, KIP-320).</summary>
/// <remarks>Entries rise in both. Written under the log's lock, read without.</remarks>
internal sealed class LeaderEpochs
{
    private Entry[] _entries = [];

    internal ReadOnlySpan<Entry> Entries => Volatile.Read(ref _entries);

    /// <summary>Whether entries changed since the start; written under the log's lock.</summary>
    internal bool IsChanged { get; private set; }

    internal int Latest => Entries is [.., var last] ? last.Epoch : -1;

    /// <summary>Says that an epoch begins at an offset. Later knowledge about the same offsets wins.</summary>
    internal void Assign(int epoch, long startOffset)
    {
        var kept = Array.FindAll(_entries, e => e.Epoch < epoch && e.StartOffset < startOffset);
        Volatile.Write(ref _entries, [.. kept, new Entry(epoch, startOffset)]);
        IsChanged = true;
    }

    /// <summary>Forgets epochs that begin at an offset or later.</summary>
    internal void TruncateFrom(long offset)
    {
        var kept = Array.FindAll(_entries, e => e.StartOffset < offset);
        IsChanged |= kept.Length < _entries.Length;
        Volatile.Write(ref _entries, kept);
    }

    /// <summary>Forgets what lies before the log's start; the epoch that holds the start begins there now.</summary>
    internal void TruncateBefore(long offset)
    {
        var entries = _entries;
        var first = 0;
        while (first + 1 < entries.Length && entries[first + 1].StartOffset <= offset)
            first++;
        if (entries.Length == 0 || entries[first].StartOffset >= offset)
            return;
        var kept = entries[first..];
        kept[0] = kept[0] with { StartOffset = offset };
        IsChanged = true;
        Volatile.Write(ref _entries, kept);
    }

    /// <summary>The epoch's end: where the next one begins, as OffsetForLeaderEpoch answers.</summary>
    /// <returns>The largest epoch up to the one asked for, and its end; (−1, −1) if nothing is known.</returns>
    internal (int Epoch, long EndOffset) EndOf(int epoch, long endOffset)
    {
        var entries = Entries;
        if (epoch < 0 || entries.IsEmpty)
            return (-1, -1);
        if (epoch == entries[^1].Epoch)
            return (epoch, endOffset);
        var next = 0;
        while (next < entries.Length && entries[next].Epoch <= epoch)
            next++;
        if (next == entries.Length)
            return (-1, -1);
        return next == 0 ? (epoch, entries[0].StartOffset) : (entries[next - 1].Epoch, entries[next].StartOffset);
    }

    /// <summary>The epoch that an offset belongs to; −1 if that is not known.</summary>
    internal int EpochAt(long offset)
    {
        var entries = Entries;
        var index = entries.Length - 1;
        while (index >= 0 && entries[index].StartOffset > offset)
            index--;
        return index < 0 ? -1 : entries[index].Epoch;
    }

    internal readonly record struct Entry(int Epoch, long StartOffset);
}
