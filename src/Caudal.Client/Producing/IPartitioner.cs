namespace Caudal.Client;

/// <summary>Chooses partitions for records that name none.</summary>
/// <remarks>Called on the threads that produce: quick and thread safe.</remarks>
public interface IPartitioner
{
    /// <summary>Stands for "any": the producer fills one partition's batch after the other (KIP-480, KIP-794).</summary>
    const int Sticky = -1;

    /// <summary>Chooses a partition.</summary>
    /// <returns>A partition from 0 to <see cref="PartitionContext.PartitionCount"/> − 1, or <see cref="Sticky"/>.</returns>
    int Select(in PartitionContext context);
}
