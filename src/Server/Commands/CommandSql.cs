using System.Collections.Concurrent;
using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Commands;

/// <summary>The statements on Commands.</summary>
internal static class CommandSql
{
    private const string Columns = """
        org_id, id, account_id, sim_id, direction, mode, body, include_sid, receipt, status, attempts, callback_url, callback_method,
        updated_at, version, callback_dialect
        """;

    public static readonly Sql Insert = new($"""
        insert into commands ({Columns}) values (@org_id, @id, @account_id, @sim_id, @direction, @mode, @body, @include_sid, @receipt, @status,
          @attempts, @callback_url, @callback_method, @updated_at, @version, @callback_dialect)
        """);

    public static readonly Sql ById = new($"select {Columns} from commands where org_id = @org_id and id = @id");

    public static readonly Sql Update = new("""
        update commands set status = @status, attempts = @attempts, updated_at = @updated_at, version = version + 1
        where org_id = @org_id and id = @id and version = @version
        """);

    public static readonly Sql Delete = new("delete from commands where org_id = @org_id and id = @id");

    public static readonly Sql Queued = new("select count(*) from commands where org_id = @org_id and sim_id = @sim_id and status = 'queued'");

    private static readonly ConcurrentDictionary<string, Sql> Lists = new(StringComparer.Ordinal);

    public static object?[] Values(Command command) =>
    [
        command.OrgId, command.Id, command.AccountId, command.SimId, command.Direction.ToWire(), command.Mode.ToWire(), command.Body,
        command.IncludeSid.ToWire(), command.Receipt, command.Status.ToWire(), command.Attempts, command.Callback?.Url,
        command.Callback?.Method, command.UpdatedAt, command.Version, command.Callback?.Dialect,
    ];

    public static Command Read(Row row) => new()
    {
        OrgId = row.Id(0),
        Id = row.Id(1),
        AccountId = row.Id(2),
        SimId = row.Id(3),
        Direction = row.Text(4) == "to_sim" ? CommandDirection.ToSim : CommandDirection.FromSim,
        Mode = Enum.Parse<CommandMode>(row.Text(5), ignoreCase: true),
        Body = row.Text(6),
        IncludeSid = Enum.Parse<IncludeSid>(row.Text(7), ignoreCase: true),
        Receipt = row.Flag(8),
        Status = Enum.Parse<CommandStatus>(row.Text(9), ignoreCase: true),
        Attempts = (int)row.Number(10),
        Callback = row.TextOrNull(11) is { } url ? new Callback(url, row.Text(12), row.Text(15)) : null,
        UpdatedAt = row.Time(13),
        Version = row.Number(14),
    };

    /// <summary>A page of an account's Commands, newest first, each null filter taking all.</summary>
    public static ValueTask<Page<Command>> ListAsync(
        Session session, Guid orgId, Guid accountId, (Guid? SimId, string? Status, string? Direction) filter,
        Guid? after, Guid? before, int limit) =>
        Page<Command>.ReadAsync(after, before, limit, (cursor, newer, count) =>
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
                select {Columns} from commands where org_id = @org_id and account_id = @account_id{where} and {order} limit @limit
                """, text => new Sql(text));
            return session.ListAsync(sql, Read, [.. values, cursor, count]);
        }, command => command.Id);
}
