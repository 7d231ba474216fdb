using System.Text.RegularExpressions;
using Npgsql;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Postgres;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>
/// PostgreSQL reads tables that grow with the SIMs by an index, never from one end to the other. It plans as it does for a statement
/// that is used often, whatever its values are.
/// </summary>
public sealed partial class QueryPlanTests : IAsyncLifetime
{
    private const int Rows = 5_000;

    /// <summary>Tables that stay small, however many SIMs there are.</summary>
    private static readonly string[] Small =
    [
        "accounts", "credentials", "installation", "migrations", "orgs", "rate_plans", "settings", "keys",
        "webhook_endpoints", "webhook_secrets",
    ];


    /// <summary>Texts that the values of a column are taken from, rare ones last; other columns have a text for each row.</summary>
    private static readonly Dictionary<string, string[]> Texts = new()
    {
        ["status"] = ["active", "new", "suspended", "canceled", "queued"],
        ["shown"] = ["active", "new", "updating"],
        ["type"] = ["eSIM", "pSIM"],
        ["provider"] = ["p3", "p14", "p15"],
        ["budget"] = ["", "p3", "p14"],
        ["actor_kind"] = ["account", "operator"],
        ["direction"] = ["to_sim", "from_sim"],
    };

    private TestDatabase _database = null!;
    private NpgsqlConnection _connection = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _connection = new NpgsqlConnection(_database.ConnectionString + ";Pooling=false;Options=" + PostgresDatabase.Planner);
        await _connection.OpenAsync();
        foreach (var table in await ReadAsync("select tablename from pg_tables where schemaname = 'public' and tablename <> 'migrations'"))
            await FillAsync(table);
        await ExecuteAsync("analyze");
        await ExecuteAsync("set plan_cache_mode = force_generic_plan");
    }

    [Fact]
    public async Task No_statement_reads_a_table_that_grows_from_end_to_end()
    {
        var wrong = new List<string>();
        foreach (var (name, sql) in SchemaTests.Statements().OrderBy(statement => statement.Key))
        {
            if (!sql.Text.StartsWith("comment", StringComparison.Ordinal) && Fault(await PlanAsync(sql)) is { } fault)
                wrong.Add($"{name}: {fault}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    [Fact]
    public async Task A_list_reads_the_index_that_matches_all_its_filters_whatever_is_believed_of_the_rows()
    {
        var wrong = new List<string>();
        await LookAsync("rows of many kinds");
        await ExecuteAsync("delete from pg_statistic");
        await LookAsync("rows that nobody has analyzed");
        string[] tables = [.. ListPlanTests.Indexes.Select(list => list.Table).Distinct()];
        await ExecuteAsync($"truncate {string.Join(", ", tables)}");
        await LookAsync("rows that are gone");
        await ExecuteAsync("vacuum analyze");
        await LookAsync("no rows");
        foreach (var table in tables)
            await FillAsync(table, alike: true);
        await LookAsync("rows that came after the analysis");
        await ExecuteAsync("analyze");
        await LookAsync("rows that are all alike");
        await ExecuteAsync("vacuum");
        await LookAsync("rows that are all alike and have been vacuumed");

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));

        async Task LookAsync(string state)
        {
            foreach (var list in ListPlanTests.Indexes)
            {
                foreach (var sql in list.Index.Statements)
                {
                    var plan = string.Join('\n', await PlanAsync(sql));
                    if (!ListPlanTests.IsWalkOf(list, plan))
                        wrong.Add($"With {state}, {sql.Text}:\n{plan}");
                }
            }
        }
    }

    [Fact]
    public async Task A_list_of_deliveries_to_send_again_reads_the_index_of_its_state()
    {
        var plan = string.Join('\n', await PlanAsync(DeliverySql.RangeOfState));
        Assert.True(plan.Contains("using deliveries_state on", StringComparison.Ordinal)
            && !plan.Contains("Sort", StringComparison.Ordinal), plan);
    }

    [Fact]
    public async Task A_scan_is_seen()
    {
        Assert.NotNull(Fault(await PlanAsync(new Sql("select id from sims where friendly_name = @name"))));
        Assert.NotNull(Fault(await PlanAsync(new Sql("select id from sims where org_id = @org_id and friendly_name = @name"))));
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>
    /// A scan of a table that grows, or of all its rows of an org: an index of which only the org is used, to test each row.
    /// </summary>
    private static string? Fault(List<string> plan)
    {
        for (var i = 0; i < plan.Count; i++)
        {
            if (SeqScan().Match(plan[i]) is { Success: true } scan && !Small.Contains(scan.Groups[1].Value))
                return string.Join('\n', plan);
            if (IndexScan().Match(plan[i]) is { Success: true } index && !Small.Contains(index.Groups[1].Value)
                && i + 2 < plan.Count && OrgOnly().IsMatch(plan[i + 1])
                && plan[i + 2].TrimStart().StartsWith("Filter:", StringComparison.Ordinal))
                return string.Join('\n', plan);
        }
        return null;
    }

    private async Task<List<string>> PlanAsync(Sql sql)
    {
        var text = PostgresDialect.Statement(sql);
        await using (var types = new NpgsqlCommand(text, _connection))
        {
            if (sql.Parameters.Count > 0)
                NpgsqlCommandBuilder.DeriveParameters(types);
            var declared = string.Join(", ", types.Parameters.Select(parameter => parameter.PostgresType!.Name));
            await ExecuteAsync($"prepare planned{(declared == "" ? "" : $"({declared})")} as {sql.NumberParameters(text)}");
        }
        try
        {
            var nulls = sql.Parameters.Count == 0 ? "" : $"({string.Join(", ", sql.Parameters.Select(_ => "null"))})";
            return await ReadAsync($"explain (costs off) execute planned{nulls}");
        }
        finally
        {
            await ExecuteAsync("deallocate planned");
        }
    }

    /// <summary>Rows of one org in ten accounts, most values of their own.</summary>
    /// <param name="alike">Every value that need not differ is the same in all rows.</param>
    private async Task FillAsync(string table, bool alike = false)
    {
        var columns = await ReadAsync($"""
            select column_name || ' ' || data_type || ' ' || is_nullable from information_schema.columns
            where table_schema = 'public' and table_name = '{table}' order by ordinal_position
            """);
        var count = Small.Contains(table) ? 10 : Rows;
        var values = columns.Select(column => column.Split(' ') switch
        {
            // A fleet's owner: one org beside a thousand small ones would be planned by the large one.
            ["org_id", ..] => table == "orgs" ? Uuid("'org' || i") : Uuid("'org1'"),
            [var name, ..] when alike && name is not ("id" or "iccid" or "monitor_id" or "event_id" or "session" or "number")
                && !(table == "sims" && name == "unique_name") && !(table == "operations" && name == "sim_id") =>
                columns.First(column => column.StartsWith(name + " ", StringComparison.Ordinal)).Split(' ')[1] switch
                {
                    "uuid" => Uuid("'alike'"),
                    "bigint" => "1",
                    "text" => Texts.TryGetValue(name, out var words) ? $"'{words[0]}'" : "'alike'",
                    _ => "'x'::bytea",
                },
            ["account_id", ..] => Uuid("'account' || i % 10"),
            [var name, "uuid", "YES"] when name != "monitor_id" => $"case when i % 3 = 0 then {Uuid($"'{name}' || i")} end",
            [var name, "uuid", ..] => Uuid($"'{name}' || i"),
            ["lane", ..] => "i % 7",
            [_, "bigint", "YES"] => "case when i % 50 = 0 then i end",
            [_, "bigint", ..] => "i",
            ["state", ..] => $"case when i % 50 = 0 then '{(table == "operations" ? "open" : "pending")}' else 'done' end",
            [var name, "text", ..] when Texts.TryGetValue(name, out var texts) =>
                $"(array[{string.Join(", ", texts.Select(text => $"'{text}'"))}])[1 + i % {texts.Length}]",
            [var name, "text", ..] => $"'{name} ' || i",
            _ => "'x'::bytea",
        });
        await ExecuteAsync($"""
            insert into {table} ({string.Join(", ", columns.Select(column => column.Split(' ')[0]))})
            select {string.Join(", ", values)} from generate_series(1, {count}) i on conflict do nothing
            """);

        static string Uuid(string of) => $"md5({of})::uuid";
    }

    private async Task ExecuteAsync(string text)
    {
        await using var command = new NpgsqlCommand(text, _connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<List<string>> ReadAsync(string text)
    {
        await using var command = new NpgsqlCommand(text, _connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    [GeneratedRegex(@"Seq Scan on (\w+)")]
    private static partial Regex SeqScan();

    [GeneratedRegex(@"Index (?:Only )?Scan (?:Backward )?using \w+ on (\w+)")]
    private static partial Regex IndexScan();

    [GeneratedRegex(@"^\s*Index Cond: \(\(?org_id = [^()]+\)?\)$")]
    private static partial Regex OrgOnly();
}
