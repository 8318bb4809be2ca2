// AlterUserScramCredentials (51), version 0.
// * Kept is what RFC 5802 lets a server keep: salt, rounds, stored key and server key, in the metadata journal.
// * All changes of a user happen, or none: empty names and rounds outside 4096 to 16384 are UNACCEPTABLE_CREDENTIAL, mechanisms that do not
//   exist UNSUPPORTED_SASL_MECHANISM, deletions of what is not there RESOURCE_NOT_FOUND, two changes of one credential DUPLICATE_RESOURCE.
using Caudal.Broker.Admin;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Upsertion = Caudal.Protocol.Messages.AlterUserScramCredentialsRequest.ScramCredentialUpsertion;

namespace Caudal.Broker.Handlers;

/// <summary>Sets and deletes SCRAM credentials.</summary>
internal sealed class AlterUserScramCredentialsHandler(TopicRegistry registry)
    : RequestHandler<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<AlterUserScramCredentialsResponse?> HandleAsync(
        RequestContext context, AlterUserScramCredentialsRequest request, Reply reply)
    {
        var changes = request.Deletions.Select(static d => new Change(d.Name, d.Mechanism, null))
            .Concat(request.Upsertions.Select(static u => new Change(u.Name, u.Mechanism, u)));
        var results = new List<AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult>();
        foreach (var ofUser in changes.GroupBy(static change => change.User, StringComparer.Ordinal))
        {
            var (error, message) = await AlterAsync([.. ofUser]).ConfigureAwait(false);
            results.Add(new() { User = ofUser.Key, ErrorCode = (short)error, ErrorMessage = message });
        }

        return new AlterUserScramCredentialsResponse { Results = [.. results] };
    }

    private async ValueTask<(ErrorCode Error, string? Message)> AlterAsync(Change[] changes)
    {
        try
        {
            return await registry.ChangeMetadataAsync<(ErrorCode, string?)>(image =>
                Fault(image, changes) is var fault && fault.Error != ErrorCode.None
                    ? ([], fault)
                    : (Array.ConvertAll(changes, static change => change.ToRecord()), (ErrorCode.None, null))).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            return (ErrorCode.KafkaStorageError, $"The credentials cannot be kept on disk: {e.Message}");
        }
    }

    private static (ErrorCode Error, string? Message) Fault(MetadataImage image, Change[] changes)
    {
        foreach (var (user, mechanism, upsertion) in changes)
        {
            if (user.Length == 0)
                return (ErrorCode.UnacceptableCredential, "Username must not be empty");
            if ((ScramMechanism)mechanism is not (ScramMechanism.Sha256 or ScramMechanism.Sha512))
                return (ErrorCode.UnsupportedSaslMechanism, "Unknown SCRAM mechanism");
            if (changes.Count(change => change.Mechanism == mechanism) > 1)
                return (ErrorCode.DuplicateResource, "A user credential cannot be altered twice in the same request");
            if (upsertion is null && !image.ScramCredentials.ContainsKey(new ScramUser(user, (ScramMechanism)mechanism)))
                return (ErrorCode.ResourceNotFound, "Attempt to delete a user credential that does not exist");
            if (upsertion?.Iterations < ScramCredential.MinIterations)
                return (ErrorCode.UnacceptableCredential, "Too few iterations");
            if (upsertion?.Iterations > ScramCredential.MaxIterations)
                return (ErrorCode.UnacceptableCredential, "Too many iterations");
        }

        return (ErrorCode.None, null);
    }

    private sealed record Change(string User, sbyte Mechanism, Upsertion? Upsertion)
    {
        public MetadataRecord.ScramCredentialSet ToRecord()
        {
            var mechanism = (ScramMechanism)Mechanism;
            return new MetadataRecord.ScramCredentialSet(
                new ScramUser(User, mechanism),
                Upsertion is { } u ? ScramCredential.Derive(mechanism, u.Salt, u.SaltedPassword, u.Iterations) : null);
        }
    }
}
