using Caudal.Protocol;

namespace Caudal.Storage;

/// <summary>The outcome of an append, as a Produce response tells it.</summary>
/// <param name="Error">
/// <see cref="ErrorCode.None"/> if the batch is in the log, now or since an earlier attempt with the same sequence numbers.
/// </param>
/// <param name="BaseOffset">The offset of the first record; of the original for a duplicate; −1 on errors.</param>
/// <param name="LogAppendTimeMs">The broker's timestamp in milliseconds since 1970 if the topic uses log append time, else −1.</param>
/// <param name="LogStartOffset">The log's start offset; −1 on errors.</param>
/// <param name="Message">What was wrong and why, for a person; null without an error.</param>
/// <param name="LastOffset">The offset of the last record; −1 on errors.</param>
public readonly record struct AppendResult(
    ErrorCode Error, long BaseOffset, long LogAppendTimeMs, long LogStartOffset, string? Message = null, long LastOffset = -1)
{
    /// <summary>The records that made the log refuse the batch; null if it was not single records.</summary>
    public IReadOnlyList<RecordFault>? Faults { get; init; }

    internal static AppendResult Failed(ErrorCode error, string message, IReadOnlyList<RecordFault>? faults = null) =>
        new(error, -1, -1, -1, message) { Faults = faults };
}
