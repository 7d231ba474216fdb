using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>The table of accounts.</summary>
internal static class AccountTable
{
    private const bool Fixed = Columns.Fixed;

    public static readonly Table<Account> Rows = new("accounts", Map, new(default, default, null, "", "", [], default));

    private static Account Map(Columns column, Account account) => new(
        column.Id("org_id", account.OrgId),
        column.Id("id", account.Id),
        column.IdOrNull("parent_id", account.ParentId, Fixed),
        column.Text("name", account.Name),
        column.Text("project", account.Project, Fixed),
        column.Bytes("sealed_auth_token", account.SealedAuthToken, Fixed),
        column.Time("created_at", account.CreatedAt, Fixed))
    {
        Status = column.Word("status", account.Status, AccountStatusNames.Words),
        SuspendedAfter = column.IdOrNull("suspended_after", account.SuspendedAfter),
        UpdatedAt = column.Time("updated_at", account.UpdatedAt),
    };
}
