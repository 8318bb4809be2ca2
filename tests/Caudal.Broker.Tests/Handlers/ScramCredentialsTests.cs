using System.Security.Cryptography;
using System.Text;
using Caudal.Broker.Admin;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class ScramCredentialsTests
{
    private const sbyte Sha256 = 1;
    private const sbyte Sha512 = 2;

    [Fact]
    public async Task Credentials_are_set_told_without_secrets_and_deleted()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal(ErrorCode.None, await AlterAsync(client, Set("bob", Sha512, 8192), Set("bob", Sha256, 4096)));
        Assert.Equal((ErrorCode.None, "1:4096 2:8192"), await DescribeAsync(client, "bob"));
        Assert.Equal(ErrorCode.None, await AlterAsync(client, Delete("bob", Sha256)));
        Assert.Equal((ErrorCode.None, "2:8192"), await DescribeAsync(client, "bob"));
        Assert.Equal(ErrorCode.None, await AlterAsync(client, Delete("bob", Sha512)));
        Assert.Equal((ErrorCode.ResourceNotFound, ""), await DescribeAsync(client, "bob"));
    }

    [Fact]
    public async Task All_users_are_told_when_none_is_named()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await AlterAsync(client, Set("bob", Sha256, 4096));
        await AlterAsync(client, Set("al", Sha256, 4096));

        var byNull = await client.SendAsync(new DescribeUserScramCredentialsRequest { Users = null });
        var byEmpty = await client.SendAsync(new DescribeUserScramCredentialsRequest { Users = [] });
        var twice = await client.SendAsync(
            new DescribeUserScramCredentialsRequest { Users = [new() { Name = "al" }, new() { Name = "al" }] });

        Assert.Equal(["al", "bob"], byNull.Results.Select(r => r.User));
        Assert.Equal(["al", "bob"], byEmpty.Results.Select(r => r.User));
        Assert.Equal(ErrorCode.DuplicateResource, (ErrorCode)Assert.Single(twice.Results).ErrorCode);
    }

    [Fact]
    public async Task A_user_changes_whole_or_not_at_all()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal(ErrorCode.UnacceptableCredential, await AlterAsync(client, Set("bob", Sha512, 4096), Set("bob", Sha256, 4095)));
        Assert.Equal(ErrorCode.UnacceptableCredential, await AlterAsync(client, Set("bob", Sha256, 16385)));
        Assert.Equal(ErrorCode.UnacceptableCredential, await AlterAsync(client, Set("", Sha256, 4096)));
        Assert.Equal(ErrorCode.UnsupportedSaslMechanism, await AlterAsync(client, Set("bob", 3, 4096)));
        Assert.Equal(ErrorCode.ResourceNotFound, await AlterAsync(client, Delete("bob", Sha256)));
        Assert.Equal(ErrorCode.DuplicateResource, await AlterAsync(client, Delete("bob", Sha256), Set("bob", Sha256, 4096)));
        Assert.Equal((ErrorCode.ResourceNotFound, ""), await DescribeAsync(client, "bob"));
    }

    [Fact]
    public async Task Credentials_are_there_after_a_restart()
    {
        using var directory = new TemporaryDirectory();
        var options = new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path };
        for (var start = 0; start < 3; start++)
        {
            await using var broker = await Brokers.StartAsync(options);
            await using var client = await TestClient.ConnectAsync(broker);
            if (start == 0)
                await AlterAsync(client, Set("bob", Sha256, 4096));
            Assert.Equal((ErrorCode.None, "1:4096"), await DescribeAsync(client, "bob"));
        }
    }

    [Fact]
    public void Keys_are_derived_as_RFC_7677_shows()
    {
        // The example of section 3: user "user", password "pencil".
        var salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");
        var salted = Rfc2898DeriveBytes.Pbkdf2("pencil", salt, 4096, HashAlgorithmName.SHA256, 32);
        const string Message = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

        var credential = ScramCredential.Derive(ScramMechanism.Sha256, salt, salted, 4096);

        var signature = HMACSHA256.HashData(credential.ServerKey, Encoding.UTF8.GetBytes(Message));
        Assert.Equal("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", Convert.ToBase64String(signature));
        // The client's proof is its key hidden by a signature that only the stored key makes.
        var proof = Convert.FromBase64String("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        var hiding = HMACSHA256.HashData(credential.StoredKey, Encoding.UTF8.GetBytes(Message));
        var clientKey = proof.Zip(hiding, (a, b) => (byte)(a ^ b)).ToArray();
        Assert.Equal(credential.StoredKey, SHA256.HashData(clientKey));
    }

    private static (string User, sbyte Mechanism, int? Iterations) Set(string user, sbyte mechanism, int iterations) =>
        (user, mechanism, iterations);

    private static (string User, sbyte Mechanism, int? Iterations) Delete(string user, sbyte mechanism) => (user, mechanism, null);

    private static async Task<ErrorCode> AlterAsync(TestClient client, params (string User, sbyte Mechanism, int? Iterations)[] changes)
    {
        var response = await client.SendAsync(new AlterUserScramCredentialsRequest
        {
            Deletions =
            [
                .. changes.Where(c => c.Iterations is null).Select(c => new AlterUserScramCredentialsRequest.ScramCredentialDeletion
                {
                    Name = c.User,
                    Mechanism = c.Mechanism,
                }),
            ],
            Upsertions =
            [
                .. changes.Where(c => c.Iterations is not null).Select(c => new AlterUserScramCredentialsRequest.ScramCredentialUpsertion
                {
                    Name = c.User,
                    Mechanism = c.Mechanism,
                    Iterations = c.Iterations!.Value,
                    Salt = [1, 2, 3],
                    SaltedPassword = new byte[32],
                }),
            ],
        });
        return (ErrorCode)Assert.Single(response.Results).ErrorCode;
    }

    private static async Task<(ErrorCode Error, string Credentials)> DescribeAsync(TestClient client, string user)
    {
        var response = await client.SendAsync(new DescribeUserScramCredentialsRequest { Users = [new() { Name = user }] });
        var result = Assert.Single(response.Results);
        return ((ErrorCode)result.ErrorCode, string.Join(' ', result.CredentialInfos.Select(c => $"{c.Mechanism}:{c.Iterations}")));
    }
}
