namespace Caudal.Client.Producing;

/// <summary>The id that the cluster gave to a producer.</summary>
/// <param name="Id">The id, −1 for none.</param>
/// <param name="Epoch">The epoch that it starts with.</param>
internal readonly record struct ProducerIdentity(long Id, short Epoch)
{
    public static ProducerIdentity None => new(-1, -1);
}
