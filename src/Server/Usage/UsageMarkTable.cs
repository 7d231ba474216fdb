using Simkeeper.Core.Usage;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Usage;

/// <summary>The table of the marks of data sessions.</summary>
internal static class UsageMarkTable
{
    public static readonly Table<(Guid OrgId, Guid SessionId, UsageMark Mark)> Rows = new(
        "usage_marks", Map, default, "org_id, session_id, at");

    private static (Guid OrgId, Guid SessionId, UsageMark Mark) Map(Columns column, (Guid OrgId, Guid SessionId, UsageMark Mark) row) => (
        column.Id("org_id", row.OrgId),
        column.Id("session_id", row.SessionId),
        new(column.Number("at", row.Mark.At),
            column.Id("account_id", row.Mark.AccountId, Columns.Fixed),
            column.Number("uploaded", row.Mark.Uploaded),
            column.Number("downloaded", row.Mark.Downloaded)));
}
