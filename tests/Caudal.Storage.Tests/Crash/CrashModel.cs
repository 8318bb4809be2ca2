using Caudal.Compression;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Crash;

/// <summary>What a log was told, batch by batch, and what must be left of it.</summary>
internal sealed class CrashModel
{
    private readonly List<Entry> _entries = [];
    private long _end;

    /// <summary>The offset of the next batch.</summary>
    internal long End => Math.Max(_end, _entries is [.., var last] ? last.Last + 1 : 0);

    internal long Start { get; set; }

    /// <summary>Below this, every record must survive whatever comes.</summary>
    internal long Durable { get; set; }

    internal IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Says that a batch was given to the log, with what outcome ever.</summary>
    internal void Add(Entry entry) => _entries.Add(entry);

    /// <summary>After a crash: forgets what did not survive.</summary>
    /// <param name="end">Where the log ends now.</param>
    /// <param name="hasLost">Whether a batch before the end is gone, too.</param>
    internal void TruncateTo(long end, Predicate<Entry> hasLost)
    {
        _entries.RemoveAll(e => e.First >= end || hasLost(e));
        _end = 0;
        Assert.True(End <= end, $"The log ends at {end}, inside of a batch that ends at {End}.");
        // The end may be known although the last batches are not: a segment was begun there.
        _end = end;
        Durable = Math.Min(Durable, end);
    }

    /// <summary>The sequence number that a producer's next batch has.</summary>
    internal int NextSequence(long producer)
    {
        var last = _entries.FindLast(e => e.Producer == producer && !e.IsMarker);
        return last is null ? 0 : last.Sequence + last.Pairs.Length;
    }

    internal bool IsOpen(long producer) =>
        _entries.FindLast(e => e.Producer == producer && e.IsTransactional) is { IsMarker: false };

    /// <summary>Between which offsets the first one lies that may not be read as committed.</summary>
    /// <remarks>If the first records of a transaction were deleted, the log may know its begin or not.</remarks>
    internal (long Low, long High) LastStable()
    {
        var (low, high) = (End, End);
        foreach (var producer in _entries.Where(e => e.IsTransactional).Select(e => e.Producer).Distinct())
        {
            if (!IsOpen(producer))
                continue;
            var ended = _entries.FindLast(e => e.Producer == producer && e.IsMarker)?.First ?? -1;
            var open = _entries.FindAll(e => e.Producer == producer && !e.IsMarker && e.First > ended);
            low = Math.Min(low, open[0].First);
            high = Math.Min(high, open.Find(e => e.Last >= Start)?.First ?? End);
        }

        return (Math.Max(low, Start), Math.Max(high, Start));
    }

    /// <summary>The last value of each key among the committed records from the start on.</summary>
    /// <param name="bound">The last stable offset.</param>
    internal SortedDictionary<string, string> Committed(long bound)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in _entries.Where(e => !e.IsMarker && e.Last < bound && !IsAborted(e)))
        {
            for (var i = 0; i < entry.Pairs.Length; i++)
            {
                if (entry.First + i >= Start)
                    Apply(result, entry.Pairs[i]);
            }
        }

        return result;
    }

    /// <summary>All records that the log may hold, by their offsets.</summary>
    internal Dictionary<long, string> Records() =>
        _entries.Where(e => !e.IsMarker).SelectMany(e => e.Pairs.Select((p, i) => (Offset: e.First + i, p)))
            .ToDictionary(r => r.Offset, r => r.p);

    internal static void Apply(SortedDictionary<string, string> map, string pair)
    {
        var parts = pair.Split('=');
        if (parts.Length > 1)
            map[parts[0]] = parts[1];
        else
            map.Remove(parts[0]);
    }

    private bool IsAborted(Entry entry) =>
        entry.IsTransactional
        && _entries.Find(e => e.Producer == entry.Producer && e.IsMarker && e.First > entry.First) is { IsAbort: true };

    /// <summary>A batch.</summary>
    internal sealed record Entry(long First, long Producer, int Sequence, bool IsTransactional, string[] Pairs)
    {
        internal bool IsMarker { get; init; }

        internal bool IsAbort { get; init; }

        internal long Last => First + Math.Max(Pairs.Length, 1) - 1;

        internal Memory<byte> ToBatch(CompressionType codec) => Keyed.Of(
            Producer == 0 ? RecordBatchProducer.None : new RecordBatchProducer(Producer, 0, Sequence, IsTransactional), codec, Pairs);
    }
}
