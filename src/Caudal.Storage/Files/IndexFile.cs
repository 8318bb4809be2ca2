using System.Buffers.Binary;
using Caudal.Storage.Segments;

namespace Caudal.Storage.Files;

/// <summary>Kafka's <c>.index</c> and <c>.timeindex</c>: entries of fixed size, big-endian, nothing else.</summary>
internal static class IndexFile
{
    internal static void Write(DiskIo io, string path, ReadOnlySpan<long> entries, bool sync)
    {
        var bytes = new byte[entries.Length * OffsetIndex.EntrySize];
        for (var i = 0; i < entries.Length; i++)
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * OffsetIndex.EntrySize), entries[i]);
        io.Replace(path, bytes, sync);
    }

    internal static void Write(DiskIo io, string path, ReadOnlySpan<TimeEntry> entries, bool sync)
    {
        var bytes = new byte[entries.Length * TimeIndex.EntrySize];
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = bytes.AsSpan(i * TimeIndex.EntrySize);
            BinaryPrimitives.WriteInt64BigEndian(entry, entries[i].Timestamp);
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], entries[i].RelativeOffset);
        }

        io.Replace(path, bytes, sync);
    }

    /// <summary>Reads an offset index.</summary>
    /// <param name="path">The file.</param>
    /// <param name="segmentSize">The size of its segment: positions lie below.</param>
    /// <returns>Null if it is missing or cannot be right: the segment has to be scanned.</returns>
    internal static long[]? ReadOffsets(string path, int segmentSize)
    {
        if (ReadBytes(path, OffsetIndex.EntrySize) is not { } bytes)
            return null;
        var entries = new long[bytes.Length / OffsetIndex.EntrySize];
        var previous = 0L;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(i * OffsetIndex.EntrySize));
            var rises = i == 0
                || (OffsetIndex.RelativeOffset(entry) > OffsetIndex.RelativeOffset(previous)
                    && OffsetIndex.Position(entry) > OffsetIndex.Position(previous));
            if (!rises || entry < 0 || (uint)OffsetIndex.Position(entry) >= (uint)segmentSize)
                return null;
            entries[i] = previous = entry;
        }

        return entries;
    }

    /// <summary>Reads a time index; null as for <see cref="ReadOffsets"/>.</summary>
    internal static TimeEntry[]? ReadTimes(string path)
    {
        if (ReadBytes(path, TimeIndex.EntrySize) is not { } bytes)
            return null;
        var entries = new TimeEntry[bytes.Length / TimeIndex.EntrySize];
        for (var i = 0; i < entries.Length; i++)
        {
            var raw = bytes.AsSpan(i * TimeIndex.EntrySize);
            var entry = new TimeEntry(BinaryPrimitives.ReadInt64BigEndian(raw), BinaryPrimitives.ReadInt32BigEndian(raw[8..]));
            var rises = i == 0 || (entry.Timestamp > entries[i - 1].Timestamp && entry.RelativeOffset >= entries[i - 1].RelativeOffset);
            if (!rises || entry.RelativeOffset < 0)
                return null;
            entries[i] = entry;
        }

        // What a power cut left of an index that was not synced may be zeros, and a time of 0 would be the end of the segment.
        return entries is [.., { Timestamp: 0, RelativeOffset: 0 }] ? null : entries;
    }

    private static byte[]? ReadBytes(string path, int entrySize)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return bytes.Length % entrySize == 0 ? bytes : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
