namespace Caudal.Broker.StateLogs;

/// <summary>Names a partition in the books of a coordinator.</summary>
internal readonly record struct PartitionKey(string Topic, int Partition);
