namespace Caudal.Broker.Network;

/// <summary>How much memory the machine or the container has for this process.</summary>
internal static class AvailableMemory
{
    /// <summary>The bytes, as the garbage collector goes by them.</summary>
    public static long Find() => Find(
        static () => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        static () => GC.Collect(0, GCCollectionMode.Forced, blocking: true));

    /// <summary>Before a process's first collection nothing is known: then one is made.</summary>
    internal static long Find(Func<long> known, Action collect)
    {
        if (known() is var bytes and > 0)
            return bytes;
        collect();
        return known();
    }
}
