using System.Collections.Concurrent;
using Simkeeper.Core.Commands;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Commands;

/// <summary>The statements on Commands.</summary>
internal static class CommandSql
{
    public static readonly Sql Insert = CommandTable.Rows.Insert();

    public static readonly Sql ById = CommandTable.Rows.Select("where org_id = @org_id and id = @id");

    public static readonly Sql Update = CommandTable.Rows.Update();

    public static readonly Sql Delete = new("delete from commands where org_id = @org_id and id = @id");

    public static readonly Sql Queued = new(
        "select count(*) from commands where org_id = @org_id and sim_id = @sim_id and status = 'queued'");

    private static readonly ConcurrentDictionary<string, Sql> Lists = new(StringComparer.Ordinal);

    /// <summary>A page of an account's Commands, newest first. A null filter matches all.</summary>
    public static ValueTask<Page<Kept<Command>>> ListAsync(
        Session session, BrokenRows broken, Guid orgId, Guid accountId, (Guid? SimId, string? Status, string? Direction) filter,
        Guid? after, Guid? before, int limit) =>
        Page<Kept<Command>>.ReadAsync(after, before, limit, (cursor, newer, count) =>
        {
            var values = new List<object?> { orgId, accountId };
            var where = "";
            (string, object?)[] filters = [("sim_id", filter.SimId), ("status", filter.Status), ("direction", filter.Direction)];
            foreach (var (column, value) in filters)
            {
                if (value is null)
                    continue;
                where += $" and {column} = @{column}";
                values.Add(value);
            }
            var order = newer ? "id > @cursor order by id" : "id < @cursor order by id desc";
            var sql = Lists.GetOrAdd($"""
                select {CommandTable.Rows.Columns} from commands
                where org_id = @org_id and account_id = @account_id{where} and {order} limit @limit
                """, text => new Sql(text));
            return session.ListAsync(sql, broken.Of(CommandTable.Rows.Name, CommandTable.Rows.Read), [.. values, cursor, count]);
        }, command => command.Id);
}
