using Simkeeper.Core;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Accounts;

/// <summary>The caller that a credential stands for.</summary>
/// <param name="CredentialId">The credential's id.</param>
/// <param name="Kind">The kind of the credential: it says which door this caller may use.</param>
/// <param name="ReadOnly">It may change nothing.</param>
/// <param name="ExpiresAt">Wall clock; null: never.</param>
/// <param name="Account">The account it acts for; null for an operator.</param>
internal sealed record Caller(Guid CredentialId, string Kind, bool ReadOnly, DateTimeOffset? ExpiresAt, Account? Account)
{
    /// <summary>The moment before which a token holds not yet: it was issued while the clock was ahead. Wall clock.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The caller as the door counts requests.</summary>
    public Party Party { get; } = new(Account?.OrgId ?? Guid.Empty, Account?.Id ?? Guid.Empty, CredentialId);

    /// <summary>The org of the account. Never called for an operator.</summary>
    public Guid OrgId => Account!.OrgId;

    public Guid AccountId => Account!.Id;

    /// <summary>A master account reaches into its subaccounts.</summary>
    public bool IsMaster => Account is { ParentId: null };

    public Actor Actor(string? address) => Account is null
        ? new Actor("operator", Ids.ToBase62("opk", CredentialId), address)
        : new Actor("account", Account.Sid, address);
}
