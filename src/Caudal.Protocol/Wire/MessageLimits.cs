using System.Runtime.CompilerServices;

namespace Caudal.Protocol;

/// <summary>Bounds on what reading a message may allocate before the bytes have been seen.</summary>
internal static class MessageLimits
{
    /// <summary>
    /// Arrays of structs start with room for so many elements at most and grow as elements really arrive, so a lying count costs nothing.
    /// </summary>
    public const int FirstAllocation = 1024;

    /// <summary>Doubles an array that is full, up to the count that was announced.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Grow<T>(ref T[] items, int count) => Array.Resize(ref items, (int)Math.Min(count, 2L * items.Length));
}
