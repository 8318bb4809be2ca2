// DescribeUserScramCredentials (50), version 0.
// * Mechanisms and rounds only; salts and keys are told to nobody. Users null or empty: all that have one.
// * A user without any is RESOURCE_NOT_FOUND, one that is named twice DUPLICATE_RESOURCE.
using Caudal.Broker.Admin;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Result = Caudal.Protocol.Messages.DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult;

namespace Caudal.Broker.Handlers;

/// <summary>Tells which users have which SCRAM credentials.</summary>
internal sealed class DescribeUserScramCredentialsHandler(TopicRegistry registry)
    : RequestHandler<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<DescribeUserScramCredentialsResponse?> HandleAsync(
        RequestContext context, DescribeUserScramCredentialsRequest request, Reply reply)
    {
        var known = await registry
            .ReadMetadataAsync(static image => image.ScramCredentials.ToLookup(static c => c.Key.Name, StringComparer.Ordinal))
            .ConfigureAwait(false);
        var asked = request.Users is { Length: > 0 } users
            ? users.Select(static user => user.Name)
            : known.Select(static user => user.Key).Order(StringComparer.Ordinal);
        return new DescribeUserScramCredentialsResponse
        {
            Results = [.. asked.GroupBy(static name => name).Select(same => Describe(same.Key, same.Skip(1).Any(), known))],
        };
    }

    private static Result Describe(string user, bool isRepeated, ILookup<string, KeyValuePair<ScramUser, ScramCredential>> known)
    {
        if (isRepeated)
        {
            return Refused(
                user,
                ErrorCode.DuplicateResource,
                $"Cannot describe SCRAM credentials for the same user twice in a single request: {user}");
        }

        if (!known.Contains(user))
            return Refused(user, ErrorCode.ResourceNotFound, $"Attempt to describe a user credential that does not exist: {user}");
        return new Result
        {
            User = user,
            CredentialInfos =
            [
                .. known[user].OrderBy(static c => c.Key.Mechanism).Select(static c =>
                    new DescribeUserScramCredentialsResponse.CredentialInfo
                    {
                        Mechanism = (sbyte)c.Key.Mechanism,
                        Iterations = c.Value.Iterations,
                    }),
            ],
        };
    }

    private static Result Refused(string user, ErrorCode error, string message) =>
        new() { User = user, ErrorCode = (short)error, ErrorMessage = message };
}
