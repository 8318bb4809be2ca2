namespace Caudal.Broker.Answers;

/// <summary>
/// How each API says that a request failed as a whole: in a field of its own where it has one, else in every part that was asked for.
/// </summary>
/// <remarks>
/// The answers are well-formed in every version: they hold an entry for each topic, partition, group or resource of the request.
/// </remarks>
internal static partial class ErrorAnswers
{
}
