using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Dialects.Kore;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>The store can be spread by org: every key starts with it and every statement names it, short lists excepted.</summary>
[SqliteOnly]
public sealed partial class SchemaTests
{
    /// <summary>Tables that are not the customers' own.</summary>
    private static readonly string[] WithoutOrg = ["directory", "orgs", "migrations"];

    /// <summary>Statements over more than one org, each with its reason.</summary>
    internal static readonly Dictionary<string, string> AcrossOrgs = new()
    {
        ["DirectorySql.Find"] = "the directory says which org has a number or a credential",
        ["DirectorySql.Delete"] = "the directory is keyed by what is unique in the installation",
        ["AccountSql.List"] = "operators list the accounts of every org",
        ["SimSql.ByIdAnywhere"] = "operators read by id: one index probe per org",
        ["SimSql.ToChangeAnywhere"] = "operators change by id: one index probe per org",
        ["UsageSql.OrgOfSim"] = "a network names a SIM by id: one index probe per org",
        ["ReceiptSql.OrgOfCommand"] = "a network names a Command by id: one index probe per org",
        ["OperationSql.ByIdAnywhere"] = "operators read by id: one index probe per org",
        ["DeliverySql.ByIdAnywhere"] = "operators read by id: one index probe per org",
        ["WebhookEndpointSql.ByIdAnywhere"] = "operators read by id: one index probe per org",
        ["AcrossOrgs.Orgs"] = "what is looked at org by org",
        ["OperationSql.Sent"] = "at the start: what an earlier process had sent to carriers",
        ["SimSql.IdsByEid"] = "operators find a SIM by its EID: one index probe per account",
        ["SimSql.IdsByUniqueName"] = "operators find a SIM by its unique name: one index probe per account",
        ["LastIdSql.OfOrgs"] = "at the start: ids go on after the newest of every org",
        ["JobSql.OrgsWithDue"] = "finds orgs with due work: one index probe per org",
        ["JobSql.FirstBudgets"] = "finds whom work waits for: index probes per org",
        ["JobSql.NextDue"] = "when the next job of any org is due: one index probe per org",
        ["JobSql.VoidLeases"] = "at the start of the one process that owns the store",
        ["DeliverySql.Old 0"] = "finds orgs with something to remove: one index probe per org",
        ["KeptSql.Oldest"] = "measures how old what is kept is: index probes per org",
        ["EventSql.Old 0"] = "finds orgs with something to remove: index probes per org",
        ["MonitorSql.OldCopies 0"] = "finds orgs with something to remove: index probes per org",
        ["OperationSql.Old 0"] = "finds orgs with something to remove: index probes per org",
        ["OldUsageSql.Moves 0"] = "finds orgs with something to remove: index probes per org",
        ["IdempotencySql.OrgsWithAhead"] = "finds orgs with something to remove: index probes per org",
        ["IdempotencySql.OrgsWithOld"] = "finds orgs with something to remove: index probes per org",
        ["AcrossOrgs.Any"] = "at the start: is there anything yet? And: does the store answer?",
    };

    [Fact]
    public async Task Every_key_and_every_index_starts_with_the_org()
    {
        using var folder = new TestFolder();
        await SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance).DisposeAsync();
        using var connection = new SqliteConnection($"Data Source={folder.Of("simkeeper.db")};Pooling=False");
        connection.Open();
        var tables = Read(connection, "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'").ToList();
        Assert.Superset(new HashSet<string> { "sims", "operations", "events", "jobs", "deliveries", "accounts" }, tables.ToHashSet());
        foreach (var table in tables.Except(WithoutOrg))
        {
            Assert.Equal("org_id", Read(connection, $"select name from pragma_table_info('{table}') where pk = 1").SingleOrDefault());
            foreach (var index in Read(connection, $"select name from pragma_index_list('{table}')"))
            {
                var first = Read(connection, $"select name from pragma_index_info('{index}') where seqno = 0").Single();
                Assert.True(first == "org_id", $"{index} starts with {first}.");
            }
        }
    }

    [Fact]
    public async Task The_manual_says_of_every_table_how_it_is_spread_by_org_unless_it_belongs_to_none()
    {
        using var folder = new TestFolder();
        await SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance).DisposeAsync();
        using var connection = new SqliteConnection($"Data Source={folder.Of("simkeeper.db")};Pooling=False");
        connection.Open();
        var tables = Read(connection, "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'");
        var manual = await File.ReadAllTextAsync(Path.Combine(TestFolder.Sources, "docs", "operations.md"),
            TestContext.Current.CancellationToken);
        var commands = manual[manual.IndexOf("select create_reference_table", StringComparison.Ordinal)..];
        commands = commands[..commands.IndexOf("```", StringComparison.Ordinal)];
        var distributed = commands.IndexOf("select create_distributed_table", StringComparison.Ordinal);

        Assert.Equal(tables.Where(HasNoOrg).Order(), Names(commands[..distributed]));
        Assert.Equal(tables.Where(table => !HasNoOrg(table)).Order(), Names(commands[distributed..]));

        bool HasNoOrg(string table) => Read(connection, $"select name from pragma_table_info('{table}') where pk = 1").Single() != "org_id";
        static IEnumerable<string> Names(string text) => Quoted().Matches(text).Select(match => match.Groups[1].Value)
            .Where(name => name != "org_id").Distinct().Order();
    }

    [Fact]
    public void Every_statement_names_the_org_or_is_on_the_list()
    {
        var statements = Statements();
        Assert.True(statements.Count > 30, "The statements were not found.");

        var wrong = statements.Where(statement => !NamesOrg(statement.Value.Text) && !AcrossOrgs.ContainsKey(statement.Key))
            .Select(statement => $"{statement.Key}: {statement.Value.Text}");

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_list_has_no_statement_that_need_not_be_on_it()
    {
        var statements = Statements();

        Assert.DoesNotContain(AcrossOrgs.Keys, name => !statements.TryGetValue(name, out var statement) || NamesOrg(statement.Text));
    }

    [Fact]
    public async Task What_is_found_by_id_in_any_org_is_an_index_probe_per_org()
    {
        using var folder = new TestFolder();
        await SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance).DisposeAsync();
        using var connection = new SqliteConnection($"Data Source={folder.Of("simkeeper.db")};Pooling=False");
        connection.Open();
        var byId = Statements().Values.Select(statement => statement.Text)
            .Where(text => text.Contains("from orgs o", StringComparison.Ordinal) && text.Contains(".id = @id", StringComparison.Ordinal))
            .ToList();
        Assert.True(byId.Count >= 3, "The statements were not found.");

        Assert.All(byId, text => Assert.DoesNotContain(Plan(connection, text), step => step.StartsWith("SCAN ", StringComparison.Ordinal)
            && !step.StartsWith("SCAN o ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_list_of_deliveries_to_send_again_reads_the_index_of_its_state()
    {
        using var folder = new TestFolder();
        await SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance).DisposeAsync();
        using var connection = new SqliteConnection($"Data Source={folder.Of("simkeeper.db")};Pooling=False");
        connection.Open();
        var step = Assert.Single(Plan(connection, DeliverySql.RangeOfState.Text));
        Assert.Equal("SEARCH deliveries USING INDEX deliveries_state (org_id=? AND state=? AND id>? AND id<?)", step);
    }

    internal static List<string> Plan(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "explain query plan " + SqliteStatement.Text(new Sql(text));
        foreach (var name in new Sql(text).Parameters)
            command.Parameters.AddWithValue(name, DBNull.Value);
        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read())
            steps.Add(reader.GetString(3));
        return steps;
    }

    /// <summary>It writes a row of one org, or reads and changes rows of one org.</summary>
    private static bool NamesOrg(string text) =>
        text.Contains("@org_id", StringComparison.Ordinal)
        && (text.StartsWith("insert into", StringComparison.Ordinal) || text.Contains("org_id = @org_id", StringComparison.Ordinal));

    /// <summary>All but the writer's own, which begin and end transactions and touch no table.</summary>
    internal static Dictionary<string, Sql> Statements() =>
        Fields<Sql>().Concat(Fields<OldRowsSql>().SelectMany(old => old.Value.Statements.Select((sql, i) => ($"{old.Name} {i}", sql))))
            .Concat(ReadingAlong)
            .Concat(ListPlanTests.Indexes.SelectMany(list => list.Index.Statements.Select((sql, i) => ($"{list.Name} {i}", sql))))
            .ToDictionary(StringComparer.Ordinal);

    private static IEnumerable<(string Name, T Value)> Fields<T>() => typeof(App).Assembly.GetTypes()
        .Where(type => !type.ContainsGenericParameters && type != typeof(SqliteWriter))
        .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(field => field.FieldType == typeof(T))
        .Select(field => ($"{field.DeclaringType!.Name}.{field.Name}", (T)field.GetValue(null)!));

    /// <summary>The statements that are put together of what rooms want read along.</summary>
    private static IEnumerable<(string, Sql)> ReadingAlong =>
    [
        ("SimSql.ToChangeById", SimSql.With(SimSql.ById, WebhookEndpointSql.OfSim)),
        ("SimSql.ToChangeByUniqueName", SimSql.With(SimSql.ByUniqueName, WebhookEndpointSql.OfSim)),
        ("SimSql.ToChangeAnywhere", SimSql.With(SimSql.ByIdAnywhere, WebhookEndpointSql.OfSim)),
        ("DeliverySql.WithKeys", DeliverySql.With([KoreSecretSql.OfDelivery, WebhookEndpointSql.OfDelivery])),
    ];

    [GeneratedRegex("'([a-z_]+)'")]
    private static partial Regex Quoted();

    private static List<string> Read(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
