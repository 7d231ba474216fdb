using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>The table of what is unique in the installation.</summary>
internal static class DirectoryTable
{
    public static readonly Table<DirectoryEntry> Rows = new("directory", Map, new("", "", default, default), "kind, value");

    private static DirectoryEntry Map(Columns column, DirectoryEntry entry) => new(
        column.Text("kind", entry.Kind),
        column.Text("value", entry.Value),
        column.Id("org_id", entry.OrgId, Columns.Fixed),
        column.Id("target", entry.Target, Columns.Fixed));
}
