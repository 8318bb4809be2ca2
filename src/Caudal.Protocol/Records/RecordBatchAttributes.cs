namespace Caudal.Protocol.Records;

/// <summary>The 16 attribute bits of a record batch. The lowest three are the number of the compression codec.</summary>
[Flags]
public enum RecordBatchAttributes : short
{
    /// <summary>Not compressed, timestamps by the producer, neither transactional nor control.</summary>
    None = 0,

    /// <summary>The bits that hold the compression codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.</summary>
    CodecMask = 0b111,

    /// <summary>The broker set the timestamps, see <see cref="TimestampType.LogAppendTime"/>.</summary>
    LogAppendTime = 1 << 3,

    /// <summary>The records belong to a transaction and count only when its commit marker follows.</summary>
    Transactional = 1 << 4,

    /// <summary>The batch holds a control record, which applications never see.</summary>
    Control = 1 << 5,

    /// <summary>The base timestamp is the time from which compaction may drop the batch's tombstones and markers (KIP-534).</summary>
    DeleteHorizon = 1 << 6,
}
