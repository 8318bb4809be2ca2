using System.Diagnostics;

namespace Caudal.Cli.Perf;

/// <summary>What the process has used up to a moment.</summary>
/// <param name="Timestamp">The moment, in the clock's ticks.</param>
/// <param name="Cpu">The processor time of the process, user and system.</param>
/// <param name="Allocated">The bytes that were allocated on the heap.</param>
internal readonly record struct Usage(long Timestamp, TimeSpan Cpu, long Allocated)
{
    /// <summary>Reads the clocks.</summary>
    public static Usage Take() => new(TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());

    /// <summary>The largest number of bytes that the process had in memory so far.</summary>
    public static long PeakResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
