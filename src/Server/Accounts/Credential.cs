namespace Simkeeper.Server.Accounts;

/// <summary>A credential, as stored: its secret only as a hash.</summary>
internal sealed record Credential(
    Guid OrgId, Guid Id, Guid? AccountId, CredentialKind Kind, CredentialRole Role, string Name, string Hash,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);
