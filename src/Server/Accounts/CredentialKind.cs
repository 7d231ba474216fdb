using Simkeeper.Core;

namespace Simkeeper.Server.Accounts;

/// <summary>The use of a credential.</summary>
internal enum CredentialKind
{
    /// <summary>An account's auth token: Basic <c>AC…:token</c>.</summary>
    Token,

    /// <summary>A Gigs key: Bearer <c>gpk_…</c>.</summary>
    Gigs,

    /// <summary>A KORE API key: Basic <c>SK…:secret</c>.</summary>
    Kore,

    /// <summary>An OAuth2 client.</summary>
    Client,

    /// <summary>An operator key: Bearer <c>skop_…</c>; the whole installation.</summary>
    Operator,
}

/// <summary>The words of <see cref="CredentialKind"/>.</summary>
internal static class CredentialKindNames
{
    public static readonly Words<CredentialKind> Words = new(ToWire);

    public static string ToWire(this CredentialKind kind) => kind switch
    {
        CredentialKind.Token => "token",
        CredentialKind.Gigs => "gigs",
        CredentialKind.Kore => "kore",
        CredentialKind.Client => "client",
        CredentialKind.Operator => "operator",
    };
}
