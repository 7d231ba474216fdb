using Simkeeper.Core;

namespace Simkeeper.Server.Accounts;

/// <summary>An account, as stored.</summary>
internal sealed record Account(
    Guid OrgId, Guid Id, Guid? ParentId, string Name, string Project, byte[] SealedAuthToken, DateTimeOffset CreatedAt)
{
    public AccountStatus Status { get; init; }

    /// <summary>Operations opened before this id end: the latest suspension. Null: there was none.</summary>
    public Guid? SuspendedAfter { get; init; }

    public DateTimeOffset UpdatedAt { get; init; } = CreatedAt;

    public string Sid => Ids.ToSid("AC", Id);
}
