namespace Caudal.Protocol.Records;

/// <summary>Who set the timestamps of a batch's records.</summary>
public enum TimestampType
{
    /// <summary>The producer: every record has its own timestamp.</summary>
    CreateTime = 0,

    /// <summary>The broker, when it appended the batch: all records have the batch's maximum timestamp.</summary>
    LogAppendTime = 1,
}
