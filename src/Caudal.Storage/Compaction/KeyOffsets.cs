using System.IO.Hashing;

namespace Caudal.Storage.Compaction;

/// <summary>The last offset of each key in the dirty part of a log, in bounded memory (Kafka's SkimpyOffsetMap).</summary>
/// <remarks>
/// Keys are known by a 128-bit hash (XXH3) whose seed is drawn for each round, so that nobody can prepare keys that collide. An open table
/// with linear probing that doubles up to its limit. Not thread safe.
/// </remarks>
internal sealed class KeyOffsets
{
    private const int SlotSize = 24;
    private const int SmallestTable = 1 << 10;

    private readonly long _seed = Random.Shared.NextInt64();
    private readonly int _maxSlots;
    private Slot[] _slots;
    private int _count;

    /// <param name="maxBytes">The most memory that the table may take.</param>
    internal KeyOffsets(long maxBytes)
    {
        _maxSlots = SmallestTable;
        while (_maxSlots < 1 << 30 && _maxSlots * 2L * SlotSize <= maxBytes)
            _maxSlots *= 2;
        _slots = new Slot[SmallestTable];
    }

    /// <summary>How many keys are known.</summary>
    internal int Count => _count;

    /// <summary>Up to here, every record was looked at; −1 before the first.</summary>
    internal long LatestOffset { get; private set; } = -1;

    /// <summary>Says that everything up to an offset was looked at.</summary>
    internal void AdvanceTo(long offset) => LatestOffset = Math.Max(LatestOffset, offset);

    /// <summary>Notes the offset of a key; offsets rise from call to call.</summary>
    /// <returns>False if the key is new and the table is full.</returns>
    internal bool TryAdd(ReadOnlySpan<byte> key, long offset)
    {
        var hash = XxHash128.HashToUInt128(key, _seed);
        ref var slot = ref Find(_slots, hash);
        if (slot.IsEmpty)
        {
            // Up to three quarters full, a search looks at two or three slots.
            if (_count >= _slots.Length / 4 * 3)
            {
                if (_slots.Length >= _maxSlots)
                    return false;
                Grow();
                slot = ref Find(_slots, hash);
            }

            slot.Low = (ulong)hash;
            slot.High = (ulong)(hash >> 64);
            _count++;
        }

        slot.OffsetAndOne = offset + 1;
        AdvanceTo(offset);
        return true;
    }

    /// <summary>The last offset of a key; −1 if it did not occur.</summary>
    internal long Find(ReadOnlySpan<byte> key) => Find(_slots, XxHash128.HashToUInt128(key, _seed)).OffsetAndOne - 1;

    private static ref Slot Find(Slot[] slots, UInt128 hash)
    {
        var low = (ulong)hash;
        var high = (ulong)(hash >> 64);
        var mask = slots.Length - 1;
        for (var index = (int)low & mask; ; index = (index + 1) & mask)
        {
            ref var slot = ref slots[index];
            if (slot.IsEmpty || (slot.Low == low && slot.High == high))
                return ref slot;
        }
    }

    private void Grow()
    {
        var grown = new Slot[_slots.Length * 2];
        foreach (ref readonly var slot in _slots.AsSpan())
        {
            if (!slot.IsEmpty)
                Find(grown, new UInt128(slot.High, slot.Low)) = slot;
        }

        _slots = grown;
    }

    private struct Slot
    {
        internal ulong Low;
        internal ulong High;

        // 0 for a free slot.
        internal long OffsetAndOne;

        internal readonly bool IsEmpty => OffsetAndOne == 0;
    }
}
