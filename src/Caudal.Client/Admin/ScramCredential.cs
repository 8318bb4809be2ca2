namespace Caudal.Client;

/// <summary>How a user proves that he knows his password (RFC 5802).</summary>
public enum ScramMechanism
{
    /// <summary>SCRAM-SHA-256.</summary>
    Sha256 = 1,

    /// <summary>SCRAM-SHA-512.</summary>
    Sha512 = 2,
}

/// <summary>A credential of a user, without its secret.</summary>
/// <param name="Mechanism">The mechanism.</param>
/// <param name="Iterations">How often the password is hashed: from 4096 to 16384.</param>
public sealed record ScramCredential(ScramMechanism Mechanism, int Iterations = 8192);

/// <summary>A change of a user's credentials.</summary>
/// <param name="User">The user.</param>
/// <param name="Credential">The credential; with a removal only its mechanism counts.</param>
/// <param name="Password">The password; it is salted and hashed here and never sent. Null removes the credential.</param>
public sealed record ScramChange(string User, ScramCredential Credential, string? Password)
{
    /// <summary>For errors; without the password.</summary>
    public override string ToString() => $"{User} ({Credential.Mechanism})";
}
