using System.Buffers.Binary;
using Caudal.Protocol.Checksums;

namespace Caudal.Storage.Producers;

/// <summary>
/// The producers of a log at an offset, as files: Kafka's <c>.snapshot</c>, which holds the last batch of each, and our <c>.sequences</c>,
/// which holds all five.
/// </summary>
/// <remarks>Both begin with a version (int16) and a CRC-32C (uint32) of everything behind it; numbers are big-endian.</remarks>
internal static class ProducerSnapshot
{
    private const short Version = 1;
    private const int CrcPosition = 2;
    private const int HeaderSize = 6;
    private const int EntrySize = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;
    private const int WindowEntrySize = 8 + 2 + 2;
    private const int BatchSize = 4 + 8 + 4 + 8;

    internal static byte[] Format(ProducerStates producers)
    {
        var bytes = new byte[HeaderSize + 4 + (producers.Count * EntrySize)];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(HeaderSize), producers.Count);
        var entry = bytes.AsSpan(HeaderSize + 4);
        foreach (var state in producers.All)
        {
            var last = state.Count == 0 ? new ProducerBatch(-1, -1, 0, state.LastTimestampMs) : state[state.Count - 1];
            BinaryPrimitives.WriteInt64BigEndian(entry, state.ProducerId);
            BinaryPrimitives.WriteInt16BigEndian(entry[8..], state.Epoch);
            BinaryPrimitives.WriteInt32BigEndian(entry[10..], last.LastSequence);
            BinaryPrimitives.WriteInt64BigEndian(entry[14..], last.LastOffset);
            BinaryPrimitives.WriteInt32BigEndian(entry[22..], last.OffsetDelta);
            BinaryPrimitives.WriteInt64BigEndian(entry[26..], state.LastTimestampMs);
            BinaryPrimitives.WriteInt32BigEndian(entry[34..], state.CoordinatorEpoch);
            BinaryPrimitives.WriteInt64BigEndian(entry[38..], state.TransactionStart);
            entry = entry[EntrySize..];
        }

        return Seal(bytes);
    }

    internal static byte[] FormatWindows(ProducerStates producers)
    {
        var size = HeaderSize + 4;
        foreach (var state in producers.All)
            size += WindowEntrySize + (state.Count * BatchSize);
        var bytes = new byte[size];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(HeaderSize), producers.Count);
        var rest = bytes.AsSpan(HeaderSize + 4);
        foreach (var state in producers.All)
        {
            BinaryPrimitives.WriteInt64BigEndian(rest, state.ProducerId);
            BinaryPrimitives.WriteInt16BigEndian(rest[8..], state.Epoch);
            BinaryPrimitives.WriteInt16BigEndian(rest[10..], (short)state.Count);
            rest = rest[WindowEntrySize..];
            for (var i = 0; i < state.Count; i++)
            {
                BinaryPrimitives.WriteInt32BigEndian(rest, state[i].LastSequence);
                BinaryPrimitives.WriteInt64BigEndian(rest[4..], state[i].LastOffset);
                BinaryPrimitives.WriteInt32BigEndian(rest[12..], state[i].OffsetDelta);
                BinaryPrimitives.WriteInt64BigEndian(rest[16..], state[i].TimestampMs);
                rest = rest[BatchSize..];
            }
        }

        return Seal(bytes);
    }

    /// <summary>Reads both files into empty states.</summary>
    /// <param name="snapshot">The content of <c>.snapshot</c>.</param>
    /// <param name="windows">The content of <c>.sequences</c>; empty if there is none, as in a directory that Apache Kafka wrote.</param>
    /// <param name="producers">The states to fill.</param>
    /// <returns>False if the snapshot is damaged; damaged windows are only ignored.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> snapshot, ReadOnlySpan<byte> windows, ProducerStates producers)
    {
        if (!IsSealed(snapshot))
            return false;
        var count = BinaryPrimitives.ReadInt32BigEndian(snapshot[HeaderSize..]);
        var entry = snapshot[(HeaderSize + 4)..];
        if (count < 0 || entry.Length != (long)count * EntrySize)
            return false;
        var known = IsSealed(windows) ? ReadWindows(windows) : [];
        for (; !entry.IsEmpty; entry = entry[EntrySize..])
        {
            var state = new ProducerState(BinaryPrimitives.ReadInt64BigEndian(entry));
            state.EnterEpoch(BinaryPrimitives.ReadInt16BigEndian(entry[8..]));
            var last = new ProducerBatch(
                BinaryPrimitives.ReadInt32BigEndian(entry[10..]), BinaryPrimitives.ReadInt64BigEndian(entry[14..]),
                BinaryPrimitives.ReadInt32BigEndian(entry[22..]), BinaryPrimitives.ReadInt64BigEndian(entry[26..]));
            if (known.TryGetValue((state.ProducerId, state.Epoch), out var batches))
                batches.ForEach(state.Add);
            else if (last.LastOffset >= 0)
                state.Add(last);
            state.LastTimestampMs = last.TimestampMs;
            state.CoordinatorEpoch = BinaryPrimitives.ReadInt32BigEndian(entry[34..]);
            state.TransactionStart = BinaryPrimitives.ReadInt64BigEndian(entry[38..]);
            producers.Restore(state);
        }

        return true;
    }

    private static Dictionary<(long, short), List<ProducerBatch>> ReadWindows(ReadOnlySpan<byte> bytes)
    {
        var result = new Dictionary<(long, short), List<ProducerBatch>>();
        var count = BinaryPrimitives.ReadInt32BigEndian(bytes[HeaderSize..]);
        var rest = bytes[(HeaderSize + 4)..];
        for (; count > 0 && rest.Length >= WindowEntrySize; count--)
        {
            var key = (BinaryPrimitives.ReadInt64BigEndian(rest), BinaryPrimitives.ReadInt16BigEndian(rest[8..]));
            int batches = BinaryPrimitives.ReadInt16BigEndian(rest[10..]);
            rest = rest[WindowEntrySize..];
            var list = new List<ProducerBatch>();
            for (; batches > 0 && rest.Length >= BatchSize; batches--)
            {
                list.Add(new ProducerBatch(
                    BinaryPrimitives.ReadInt32BigEndian(rest), BinaryPrimitives.ReadInt64BigEndian(rest[4..]),
                    BinaryPrimitives.ReadInt32BigEndian(rest[12..]), BinaryPrimitives.ReadInt64BigEndian(rest[16..])));
                rest = rest[BatchSize..];
            }

            result[key] = list;
        }

        return result;
    }

    private static byte[] Seal(byte[] bytes)
    {
        BinaryPrimitives.WriteInt16BigEndian(bytes, Version);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(CrcPosition), Crc32C.Compute(bytes.AsSpan(HeaderSize)));
        return bytes;
    }

    private static bool IsSealed(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= HeaderSize + 4
        && BinaryPrimitives.ReadInt16BigEndian(bytes) == Version
        && BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcPosition..]) == Crc32C.Compute(bytes[HeaderSize..]);
}
