namespace Caudal.Client.Producing;

/// <summary>
/// Who is to be told of a run of records of a batch: records of one handler that were appended one after the other within a millisecond.
/// </summary>
/// <param name="Target">A <see cref="PendingDelivery"/>, for a run of one, or an <see cref="IDeliveryHandler"/>.</param>
/// <param name="Index">The first record's place in its batch.</param>
/// <param name="Count">How many records.</param>
/// <param name="Timestamp">The records' time in milliseconds since 1970.</param>
internal record struct Completion(object Target, int Index, int Count, long Timestamp);
