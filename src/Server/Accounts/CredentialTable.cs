using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>The table of credentials. Only the name of a row is updated.</summary>
internal static class CredentialTable
{
    private const bool Fixed = Columns.Fixed;

    public static readonly Table<Credential> Rows = new(
        "credentials", Map, new(default, default, null, "", default, "", "", default, null));

    private static Credential Map(Columns column, Credential credential) => new(
        column.Id("org_id", credential.OrgId),
        column.Id("id", credential.Id),
        column.IdOrNull("account_id", credential.AccountId, Fixed),
        column.Text("kind", credential.Kind, Fixed),
        column.Word("role", credential.Role, CredentialRoleNames.Words, Fixed),
        column.Text("name", credential.Name),
        column.Text("hash", credential.Hash, Fixed),
        column.Time("created_at", credential.CreatedAt, Fixed),
        column.TimeOrNull("expires_at", credential.ExpiresAt, Fixed))
    {
        UpdatedAt = column.TimeOrNull("updated_at", credential.UpdatedAt),
    };
}
