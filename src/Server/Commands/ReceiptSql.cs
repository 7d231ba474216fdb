using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Commands;

/// <summary>The statement that finds the Command of a receipt.</summary>
internal static class ReceiptSql
{
    /// <summary>Finds a Command by its id alone, all that the network gives: one index probe per org.</summary>
    public static readonly Sql OrgOfCommand =
        new("select c.org_id from orgs o cross join commands c where c.org_id = o.org_id and c.id = @id");
}
