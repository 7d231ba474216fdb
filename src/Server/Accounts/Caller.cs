using Simkeeper.Core;
using Simkeeper.Core.Operations;

namespace Simkeeper.Server.Accounts;

/// <summary>An account, as stored.</summary>
internal sealed record Account(Guid OrgId, Guid Id, Guid? ParentId, string Name, string Project, byte[] SealedAuthToken, DateTimeOffset CreatedAt)
{
    public AccountStatus Status { get; init; }

    public DateTimeOffset UpdatedAt { get; init; } = CreatedAt;

    public string Sid => Ids.ToSid("AC", Id);
}

/// <summary>Whether an account may do anything; docs/accounts.md says what each means.</summary>
internal enum AccountStatus
{
    Active,

    /// <summary>Its credentials are refused until its master makes it active again.</summary>
    Suspended,

    /// <summary>For ever.</summary>
    Closed,
}

/// <summary>What a credential is for.</summary>
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

/// <summary>Who is calling: what a credential stands for.</summary>
/// <param name="CredentialId">The credential's id.</param>
/// <param name="Kind">Which door it opens.</param>
/// <param name="ReadOnly">It may change nothing.</param>
/// <param name="ExpiresAt">Wall clock; null: never.</param>
/// <param name="Account">The account it acts for; null for an operator.</param>
internal sealed record Caller(Guid CredentialId, CredentialKind Kind, bool ReadOnly, DateTimeOffset? ExpiresAt, Account? Account)
{
    /// <summary>The org of the account. Never called for an operator.</summary>
    public Guid OrgId => Account!.OrgId;

    public Guid AccountId => Account!.Id;

    /// <summary>A master account reaches into its subaccounts.</summary>
    public bool IsMaster => Account is { ParentId: null };

    public Actor Actor(string? address) => Account is null
        ? new Actor("operator", Ids.ToBase62("opk", CredentialId), address)
        : new Actor("account", Account.Sid, address);
}
