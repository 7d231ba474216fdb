namespace Simkeeper.Server.Storage;

/// <summary>Named values that belong to the installation and to no customer: the key ring, the clock, faults, carriers' limits.</summary>
internal static class Installation
{
    /// <summary>The org of what belongs to the installation itself, operator keys among it.</summary>
    public static readonly Guid OrgId = Guid.Empty;

    private static readonly Sql Load = new("select value from installation where org_id = @org_id and name = @name");

    private static readonly Sql Store = new("""
        insert into installation (org_id, name, value) values (@org_id, @name, @value)
        on conflict (org_id, name) do update set value = @value
        """);

    public static ValueTask<string?> LoadAsync(Database database, string name) =>
        database.ReadAsync(session => session.OneAsync(Load, row => row.Text(0), OrgId, name));

    public static Task<int> StoreAsync(Database database, string name, string value) =>
        database.WriteAsync(session => session.ExecuteAsync(Store, OrgId, name, value));
}
