using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Accounts;

/// <summary>The statements on what is unique in the installation.</summary>
internal static class DirectorySql
{
    /// <summary>Writes nothing if somebody has it.</summary>
    public static readonly Sql Insert = DirectoryTable.Rows.Insert("on conflict (kind, value) do nothing");

    public static readonly Sql Find = DirectoryTable.Rows.Select("where kind = @kind and value = @value");

    public static readonly Sql Delete = new("delete from directory where kind = @kind and value = @value");
}
