using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Clock;

/// <summary>Finds the last ids that were made.</summary>
internal static class LastIdSql
{
    /// <summary>Tables listed by id; ids keep growing after a restart. Not every row has an event of the same moment.</summary>
    public static readonly IReadOnlyList<string> Tables =
    [
        "events", "operations", "deliveries", "commands", "rate_plans", "accounts", "credentials", "webhook_endpoints", "webhook_secrets",
    ];

    /// <summary>The last id of each table, for every org.</summary>
    public static readonly Sql OfOrgs = new($"select {string.Join(", ", Tables.Select(table =>
        $"(select t.id from {table} t where t.org_id = o.org_id order by t.id desc limit 1)"))} from orgs o");
}
