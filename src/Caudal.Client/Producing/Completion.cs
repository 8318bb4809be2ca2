namespace Caudal.Client.Producing;

/// <summary>Who is to be told of one record of a batch.</summary>
/// <param name="Target">A <see cref="PendingDelivery"/> or an <see cref="IDeliveryHandler"/>.</param>
/// <param name="Index">The record's place in its batch.</param>
/// <param name="Timestamp">The record's time in milliseconds since 1970.</param>
internal readonly record struct Completion(object Target, int Index, long Timestamp);
