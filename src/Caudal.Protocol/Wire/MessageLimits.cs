namespace Caudal.Protocol;

/// <summary>Bounds on what reading a message may allocate before the bytes have been seen.</summary>
internal static class MessageLimits
{
    /// <summary>Arrays of structs start with room for so many elements at most and grow as elements really arrive, so a lying count costs nothing.</summary>
    public const int FirstAllocation = 1024;
}
