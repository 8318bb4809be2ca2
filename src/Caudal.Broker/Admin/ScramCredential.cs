using System.Security.Cryptography;

namespace Caudal.Broker.Admin;

/// <summary>A mechanism of SCRAM, by Kafka's number.</summary>
internal enum ScramMechanism : sbyte
{
    /// <summary>SCRAM-SHA-256.</summary>
    Sha256 = 1,

    /// <summary>SCRAM-SHA-512.</summary>
    Sha512 = 2,
}

/// <summary>Names the credential of a user for one mechanism.</summary>
internal readonly record struct ScramUser(string Name, ScramMechanism Mechanism);

/// <summary>What a broker keeps to check a password without knowing it (RFC 5802).</summary>
/// <param name="Salt">The salt.</param>
/// <param name="StoredKey">The hash of the client's key.</param>
/// <param name="ServerKey">The key with which the broker proves itself.</param>
/// <param name="Iterations">How many rounds of hashing the password went through.</param>
internal sealed record ScramCredential(byte[] Salt, byte[] StoredKey, byte[] ServerKey, int Iterations)
{
    /// <summary>The fewest rounds that are accepted.</summary>
    public const int MinIterations = 4096;

    /// <summary>The most rounds that are accepted.</summary>
    public const int MaxIterations = 16384;

    /// <summary>Derives what is kept from the salted password that a client computed.</summary>
    public static ScramCredential Derive(ScramMechanism mechanism, byte[] salt, byte[] saltedPassword, int iterations)
    {
        var is256 = mechanism == ScramMechanism.Sha256;
        var clientKey = Sign("Client Key"u8);
        return new ScramCredential(
            salt, is256 ? SHA256.HashData(clientKey) : SHA512.HashData(clientKey), Sign("Server Key"u8), iterations);

        byte[] Sign(ReadOnlySpan<byte> text) =>
            is256 ? HMACSHA256.HashData(saltedPassword, text) : HMACSHA512.HashData(saltedPassword, text);
    }
}
