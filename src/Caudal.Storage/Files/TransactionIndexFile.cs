using System.Buffers.Binary;
using Caudal.Storage.Segments;

namespace Caudal.Storage.Files;

/// <summary>Kafka's <c>.txnindex</c>: entries of 34 bytes, big-endian; there is no file where there are no entries.</summary>
internal static class TransactionIndexFile
{
    private const short Version = 0;

    /// <summary>Writes the file, or removes it if there is nothing to hold.</summary>
    internal static void Write(DiskIo io, string path, ReadOnlySpan<AbortedTransaction> entries)
    {
        if (entries.IsEmpty)
        {
            io.Delete(path);
            return;
        }

        var bytes = new byte[entries.Length * TransactionIndex.EntrySize];
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = bytes.AsSpan(i * TransactionIndex.EntrySize);
            BinaryPrimitives.WriteInt16BigEndian(entry, Version);
            BinaryPrimitives.WriteInt64BigEndian(entry[2..], entries[i].ProducerId);
            BinaryPrimitives.WriteInt64BigEndian(entry[10..], entries[i].FirstOffset);
            BinaryPrimitives.WriteInt64BigEndian(entry[18..], entries[i].LastOffset);
            BinaryPrimitives.WriteInt64BigEndian(entry[26..], entries[i].LastStableOffset);
        }

        // Which records are void is known from here only, once the segment lies below the recovery point.
        io.Replace(path, bytes, sync: true);
    }

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file; that it is missing means that there are no entries.</param>
    /// <param name="baseOffset">The first offset of its segment, which no marker lies before.</param>
    /// <returns>Null if it cannot be right: the segment has to be scanned.</returns>
    internal static AbortedTransaction[]? Read(string path, long baseOffset)
    {
        byte[] bytes;
        try
        {
            if (!File.Exists(path))
                return [];
            bytes = File.ReadAllBytes(path);
        }
        catch (IOException)
        {
            return null;
        }

        if (bytes.Length % TransactionIndex.EntrySize != 0)
            return null;
        var entries = new AbortedTransaction[bytes.Length / TransactionIndex.EntrySize];
        var last = baseOffset - 1;
        for (var i = 0; i < entries.Length; i++)
        {
            var raw = bytes.AsSpan(i * TransactionIndex.EntrySize);
            var entry = new AbortedTransaction(
                BinaryPrimitives.ReadInt64BigEndian(raw[2..]), BinaryPrimitives.ReadInt64BigEndian(raw[10..]),
                BinaryPrimitives.ReadInt64BigEndian(raw[18..]), BinaryPrimitives.ReadInt64BigEndian(raw[26..]));
            if (BinaryPrimitives.ReadInt16BigEndian(raw) != Version || entry.LastOffset <= last || entry.FirstOffset > entry.LastOffset)
                return null;
            entries[i] = entry;
            last = entry.LastOffset;
        }

        return entries;
    }
}
