using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Jobs;

/// <summary>Statements that measure what is kept without reading it.</summary>
internal static class KeptSql
{
    /// <summary>Tables whose rows are removed by their age, which their ids tell.</summary>
    public static readonly IReadOnlyList<string> Tables = ["events", "operations", "deliveries", "commands"];

    /// <summary>
    /// The first id of each table, and the times of the oldest idempotency key and move, for every org: index probes per org.
    /// </summary>
    public static readonly Sql Oldest = new($"""
        select {string.Join(", ", Tables.Select(table =>
            $"(select t.id from {table} t where t.org_id = o.org_id order by t.id limit 1)"))},
          (select i.created_at from idempotency i where i.org_id = o.org_id order by i.created_at limit 1),
          (select m.at from sim_moves m where m.org_id = o.org_id order by m.at limit 1)
        from orgs o
        """);

    /// <summary>
    /// The bytes of each table with its indexes, and its rows as the store last counted them. The embedded store knows its size as a whole,
    /// and what of it is free.
    /// </summary>
    private static readonly Sql[] Sizes =
    [
        new("""
            select 'all', (page_count - freelist_count) * page_size, null from pragma_page_count, pragma_freelist_count, pragma_page_size
            """),
        new("""
            select c.relname::text, pg_total_relation_size(c.oid), greatest(c.reltuples, 0)::bigint from pg_class c
            where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
            """),
    ];

    /// <summary>The statement of <see cref="Sizes"/> for a store.</summary>
    public static Sql SizesOf(Database database) => Sizes[database.IsShared ? 1 : 0];
}
