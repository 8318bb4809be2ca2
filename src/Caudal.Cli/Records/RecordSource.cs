using Caudal.Protocol.Records;

namespace Caudal.Cli.Records;

/// <summary>Where a record comes from.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="TimestampType">Who set the record's timestamp.</param>
internal readonly record struct RecordSource(string Topic, int Partition, TimestampType TimestampType);
