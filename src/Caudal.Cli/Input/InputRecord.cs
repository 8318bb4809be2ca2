using Caudal.Protocol.Records;

namespace Caudal.Cli.Input;

/// <summary>A record as it was read from a line; null is Kafka's null. Valid as long as the line is.</summary>
internal readonly record struct InputRecord(ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value, RecordHeader[]? Headers);
