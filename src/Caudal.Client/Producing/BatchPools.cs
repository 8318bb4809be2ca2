using System.Buffers;

namespace Caudal.Client.Producing;

/// <summary>
/// The memory of one producer's batches. Pools of its own: buffers are rented by threads that produce and returned by those that receive.
/// </summary>
/// <remarks>
/// Thread safe. Both keep as many arrays of one size as batches of full size fit into <c>buffer.memory</c>: fewer, and a producer that
/// runs at full speed would feed the collector with large arrays; more are never in use.
/// </remarks>
internal sealed class BatchPools
{
    private const int LargestKept = 16 * 1024 * 1024;

    public BatchPools(ProducerOptions options)
    {
        var batches = (int)Math.Clamp((options.BufferMemory / options.BatchSize) + 8, 16, 4096);
        Buffers = ArrayPool<byte>.Create(Math.Clamp(options.BatchSize * 2, 64 * 1024, LargestKept), batches);
        Completions = ArrayPool<Completion>.Create(1024 * 1024, batches);
    }

    public ArrayPool<byte> Buffers { get; }

    public ArrayPool<Completion> Completions { get; }
}
