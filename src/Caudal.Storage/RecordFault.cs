namespace Caudal.Storage;

/// <summary>What is wrong with one record of a batch that was refused (KIP-467).</summary>
/// <param name="Index">The record's position in its batch, from 0.</param>
/// <param name="Message">What is wrong, in Kafka's words.</param>
public readonly record struct RecordFault(int Index, string Message);
