namespace Caudal.Protocol;

/// <summary>What is known of an error code.</summary>
/// <param name="Name">Kafka's name, e.g. <c>NOT_LEADER_OR_FOLLOWER</c>.</param>
/// <param name="IsRetriable">Whether the same request, sent again later, may succeed.</param>
/// <param name="Meaning">What it means.</param>
/// <param name="Remedy">What a user can do.</param>
public sealed record ErrorInfo(string Name, bool IsRetriable, string Meaning, string Remedy);

/// <summary>Kafka's error table: names, retriability and advice for each code.</summary>
public static partial class ErrorCodes
{
    /// <summary>Looks a code up; codes that are not known here get a description that says so and are not retriable.</summary>
    public static ErrorInfo Info(this ErrorCode code) =>
        Find(code) ?? new ErrorInfo(
            $"ERROR_{(short)code}",
            false,
            $"The broker answered with the error code {(short)code}, which this version does not know.",
            "Look the code up in the broker's documentation, or use a newer version.");

    /// <summary>Kafka's name of the code, e.g. <c>NOT_LEADER_OR_FOLLOWER</c>.</summary>
    public static string KafkaName(this ErrorCode code) => code.Info().Name;

    /// <summary>Whether the same request, sent again later, may succeed.</summary>
    public static bool IsRetriable(this ErrorCode code) => Find(code)?.IsRetriable ?? false;

    private static ErrorInfo? Find(ErrorCode code)
    {
        var index = (int)code - FirstCode;
        return (uint)index < (uint)Table.Length ? Table[index] : null;
    }
}
