namespace Simkeeper.Server.Accounts;

/// <summary>A credential, as stored: its secret only as a hash.</summary>
/// <param name="Kind">The word of its <see cref="KeyKind"/>, or <see cref="KeyKind.TokenWord"/>.</param>
internal sealed record Credential(
    Guid OrgId, Guid Id, Guid? AccountId, string Kind, CredentialRole Role, string Name, string Hash,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt)
{
    /// <summary>The time of its last new name; null: it has its first one.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}
