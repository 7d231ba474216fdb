using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Sims;

/// <summary>The statements on SIMs.</summary>
internal static class SimSql
{
    public static readonly Sql Insert = SimTable.Rows.Insert();

    public static readonly Sql
        ById = Find("from sims s where s.org_id = @org_id and s.id = @id"),
        ByUniqueName = Find("from sims s where s.org_id = @org_id and s.account_id = @account_id and s.unique_name = @unique_name");

    /// <summary>For operators, over all orgs: one index probe per org. SQLite keeps the order of a cross join; of its own accord it would
    /// read every SIM first.</summary>
    public static readonly Sql ByIdAnywhere = Find("from orgs o cross join sims s where s.org_id = o.org_id and s.id = @id");

    /// <summary>The statements that find one SIM, <c>s</c>.</summary>
    public static readonly IReadOnlyList<Sql> Finders = [ById, ByUniqueName, ByIdAnywhere];

    /// <summary>For operators, in every account: one index probe per account; two rows say that the name is not unique.</summary>
    public static readonly Sql
        IdsByEid = InEveryAccount("s.eid = @eid"), IdsByUniqueName = InEveryAccount("s.unique_name = @unique_name");

    /// <summary>The number of ids that <see cref="ByIds"/> takes; if there are fewer, one of them is repeated.</summary>
    public const int ByIdsMax = 32;

    public static readonly Sql ByIds = SimTable.Rows.Select(
        $"where org_id = @org_id and id in ({string.Join(", ", Enumerable.Range(0, ByIdsMax).Select(i => $"@id_{i}"))})");

    public static readonly Sql ByIccid = SimTable.Rows.Select("where org_id = @org_id and iccid = @iccid");

    public static readonly Sql Update = SimTable.Rows.Update();

    /// <summary>An update of a SIM that stays where it is in every list.</summary>
    public static readonly Sql UpdateUnlisted = SimTable.Unlisted.Update();

    /// <summary>Changes what an update leaves as it is: the numbers of a SIM and what else an import brings.</summary>
    public static readonly Sql Correct = SimTable.Rows.Correct();

    /// <summary>The next timers of an org, and whether a callback follows.</summary>
    public static readonly Sql NextTimers = new("""
        select j.subject_id, j.due_at, case when s.remembered_url is null then 0 else 1 end from jobs j
        left join sims s on s.org_id = j.org_id and s.id = j.subject_id
        where j.org_id = @org_id and j.lane = @lane and j.budget = '' and j.due_at <= @until and j.kind = 'timer'
        order by j.due_at limit @limit
        """);

    public static readonly Sql Delete = new("delete from sims where org_id = @org_id and id = @id and version = @version");

    public static readonly Sql UniqueNameTaken = new("""
        select 1 from sims where org_id = @org_id and account_id = @account_id and unique_name = @unique_name and id <> @id
        """);

    /// <summary>Writes the owner that the SIM has had until its move now.</summary>
    public static readonly Sql InsertMove = SimMoveTable.Rows.Insert("on conflict (org_id, sim_id, at) do nothing");

    /// <summary>The moves of a SIM, oldest first.</summary>
    public static readonly Sql Moves = SimMoveTable.Rows.Select("where org_id = @org_id and sim_id = @sim_id order by at");

    /// <summary>A finder that also reads what another room wants read along: a row for each of its rows, or one.</summary>
    public static Sql With(Sql finder, Joined along)
    {
        var where = finder.Text.IndexOf("where", StringComparison.Ordinal);
        var from = finder.Text.IndexOf(" from", StringComparison.Ordinal);
        return new Sql(
            $"{finder.Text[..from]}, {string.Join(", ", along.Columns)}{finder.Text[from..where]}{along.Joins} {finder.Text[where..]}");
    }

    private static Sql InEveryAccount(string condition) => new($"""
        select s.org_id, s.id from accounts a cross join sims s
        where s.org_id = a.org_id and s.account_id = a.id and {condition} limit 2
        """);

    private static Sql Find(string from) => new($"select {SimTable.Rows.ColumnsOf("s")} {from}");
}
