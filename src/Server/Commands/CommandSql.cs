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

    /// <summary>The lists of an account: all, by status and direction, and by SIM.</summary>
    public static readonly ListIndex
        OfAccount = Index("commands_list", "account_id"), OfStatus = Index("commands_status", "account_id, status, direction"),
        OfSim = Index("commands_sim", "account_id, sim_id, status, direction");

    private static readonly object[]
        AnyStatus = [.. Enum.GetValues<CommandStatus>().Select(status => status.ToWire())],
        AnyDirection = [.. Enum.GetValues<CommandDirection>().Select(direction => direction.ToWire())];

    /// <summary>A page of an account's Commands, newest first. A null filter matches all.</summary>
    public static ValueTask<Page<Kept<Command>>> ListAsync(
        Session session, BrokenRows broken, Guid orgId, Guid accountId, (Guid? SimId, string? Status, string? Direction) filter,
        Guid? after, Guid? before, int limit)
    {
        var (index, ranges) = Plan(orgId, accountId, filter);
        var read = broken.Of(CommandTable.Rows.Name, CommandTable.Rows.Read);
        return Page<Kept<Command>>.ReadAsync(after, before, limit, (cursor, newer, count) =>
            Ranges.FirstAsync(session, index.Rows(newer), ranges, (_, row) => read(row), command => command.Id, newer,
                newer ? (cursor, Guid.AllBitsSet) : (Guid.Empty, cursor), count), command => command.Id);
    }

    /// <summary>The index of a list, and the values of the ranges that it consists of.</summary>
    public static (ListIndex Index, IReadOnlyList<object?[]> Ranges) Plan(
        Guid orgId, Guid accountId, (Guid? SimId, string? Status, string? Direction) filter)
    {
        if (filter is (null, null, null))
            return (OfAccount, [[orgId, accountId]]);
        object?[] owner = filter.SimId is { } sim ? [orgId, accountId, sim] : [orgId, accountId];
        var ranges =
            from status in filter.Status is { } one ? [one] : AnyStatus
            from direction in filter.Direction is { } way ? [way] : AnyDirection
            select (object?[])[.. owner, status, direction];
        return (filter.SimId is null ? OfStatus : OfSim, [.. ranges]);
    }

    private static ListIndex Index(string name, string by) => new(name, "commands", CommandTable.Rows.Columns, by);
}
