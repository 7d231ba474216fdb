namespace Simkeeper.Server.Storage;

/// <summary>Named values that belong to the installation and to no customer: the key ring, the clock, faults, carriers' limits.</summary>
internal static class Installation
{
    /// <summary>The org that owns the installation's own rows, such as operator keys.</summary>
    public static readonly Guid OrgId = Guid.Empty;

    private static readonly Sql Load = new("select value from installation where org_id = @org_id and name = @name");

    private static readonly Sql Store = new("""
        insert into installation (org_id, name, value) values (@org_id, @name, @value)
        on conflict (org_id, name) do update set value = @value
        """);

    /// <summary>Writes a stored value unchanged, so that no other transaction changes it before this one ends.</summary>
    private static readonly Sql Hold = new("update installation set value = value where org_id = @org_id and name = @name");

    public static ValueTask<string?> LoadAsync(Database database, string name) =>
        database.ReadAsync(session => LoadAsync(session, name));

    public static ValueTask<string?> LoadAsync(Session session, string name) =>
        session.OneAsync(Load, row => row.Text(0), OrgId, name);

    public static Task<int> StoreAsync(Database database, string name, string value) =>
        database.WriteAsync(session => StoreAsync(session, name, value));

    public static ValueTask<int> StoreAsync(Session session, string name, string value) => session.ExecuteAsync(Store, OrgId, name, value);

    /// <summary>Makes a new value of the stored one; null leaves it.</summary>
    public static Task<bool> ChangeAsync(Database database, string name, Func<string?, string?> change) =>
        database.WriteAsync(async session =>
        {
            await session.ExecuteAsync(Hold, OrgId, name);
            if (change(await LoadAsync(session, name)) is not { } value)
                return false;
            await StoreAsync(session, name, value);
            return true;
        });
}
