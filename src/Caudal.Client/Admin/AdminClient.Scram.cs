using System.Security.Cryptography;
using System.Text;
using Caudal.Client.Admin;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Users with SCRAM credentials (KIP-554).</content>
public sealed partial class AdminClient
{
    /// <summary>Tells which SCRAM credentials users have.</summary>
    /// <param name="users">The users; null for all.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The credentials of each user, or e.g. RESOURCE_NOT_FOUND.</returns>
    /// <exception cref="BrokerErrorException">The broker refuses to tell.</exception>
    public async ValueTask<IReadOnlyDictionary<string, AdminResult<IReadOnlyList<ScramCredential>>>> DescribeScramUsersAsync(
        IEnumerable<string>? users = null,
        CancellationToken cancellationToken = default)
    {
        var request = new DescribeUserScramCredentialsRequest
        {
            Users = users is null ? null : [.. users.Select(user => new DescribeUserScramCredentialsRequest.UserName { Name = user })],
        };
        var response = await WholeAsync<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>(
            "Describing SCRAM users", BrokerTarget.Controller, request, r => r.ErrorCode, r => r.ErrorMessage, cancellationToken)
            .ConfigureAwait(false);
        return response.Results.ToDictionary(
            result => result.User,
            result => new AdminResult<IReadOnlyList<ScramCredential>>(
                [.. result.CredentialInfos.Select(info => new ScramCredential((ScramMechanism)info.Mechanism, info.Iterations))],
                Error(result.ErrorCode, result.ErrorMessage, $"Describing the SCRAM credentials of '{result.User}' failed", null)),
            StringComparer.Ordinal);
    }

    /// <summary>Sets and removes SCRAM credentials.</summary>
    /// <param name="changes">The changes; one for each user and mechanism.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each user, all his changes together; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<string, KafkaException?>> AlterScramUsersAsync(
        IReadOnlyCollection<ScramChange> changes,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var call = new ItemCall<string, bool>(_client, "Changing the SCRAM credentials of user", changes.Select(c => c.User));
        return call.RunForErrorsAsync(
            async token =>
            {
                var asked = changes.Where(c => call.Left.Contains(c.User)).ToArray();
                var request = new AlterUserScramCredentialsRequest
                {
                    Deletions = [.. asked.Where(c => c.Password is null).Select(
                        c => new AlterUserScramCredentialsRequest.ScramCredentialDeletion
                        {
                            Name = c.User,
                            Mechanism = (sbyte)c.Credential.Mechanism,
                        })],
                    Upsertions = [.. asked.Where(c => c.Password is not null).Select(Upsertion)],
                };
                var response = await SendAsync<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>(
                    BrokerTarget.Controller, request, token).ConfigureAwait(false);
                foreach (var result in response.Results)
                    call.Settle(result.User, (ErrorCode)result.ErrorCode, result.ErrorMessage, () => true);
            },
            cancellationToken);
    }

    // RFC 5802: SaltedPassword is PBKDF2 with HMAC of the mechanism's hash, as long as the hash.
    private static AlterUserScramCredentialsRequest.ScramCredentialUpsertion Upsertion(ScramChange change)
    {
        var salt = RandomNumberGenerator.GetBytes(32);
        var isLong = change.Credential.Mechanism == ScramMechanism.Sha512;
        return new AlterUserScramCredentialsRequest.ScramCredentialUpsertion
        {
            Name = change.User,
            Mechanism = (sbyte)change.Credential.Mechanism,
            Iterations = change.Credential.Iterations,
            Salt = salt,
            SaltedPassword = Rfc2898DeriveBytes.Pbkdf2(
                Encoding.UTF8.GetBytes(change.Password!), salt, change.Credential.Iterations,
                isLong ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256, isLong ? 64 : 32),
        };
    }
}
