using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Core.Commands;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Commands;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Kore;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>
/// Every combination of filters is a bounded number of ranges of one index, in which each row matches; and the embedded store reads just
/// that index. <see cref="QueryPlanTests"/> asks PostgreSQL the same.
/// </summary>
[SqliteOnly]
public sealed partial class ListPlanTests
{
    /// <summary>The most ranges of one account: fifty providers, six statuses, two types.</summary>
    private const int RangesMax = 600;

    private static readonly Guid Org = Guid.Parse("00000000-0000-0000-0000-000000000001");

    /// <summary>An index by which lists go.</summary>
    internal sealed record Listed(ListIndex Index)
    {
        public string Table => TableName().Match(Index.Rows(newer: false).Text).Groups[1].Value;

        /// <summary>Its name on PostgreSQL.</summary>
        public string Name => Index.Name.Length == 0 ? Table + "_pkey" : Index.Name;
    }

    internal static readonly IReadOnlyList<Listed> Indexes =
    [
        .. new[]
        {
            SimListSql.OfAccount, SimListSql.OfShown, SimListSql.OfStatus, SimListSql.OfProvider, SimListSql.OfUser,
            SimListSql.OfUserAndProvider, SimListSql.OfRatePlan, SimListSql.OfEid, SimListSql.OfRegistrationCode,
            SimListSql.OfOrg, SimListSql.OfStatusInOrg, SimListSql.OfProviderInOrg,
            OperationSql.OfOrg, OperationSql.OfState, OperationSql.OfSim,
            EventSql.OfOrg, EventSql.OfSim, EventSql.OfAccount,
            DeliverySql.OfOrg, DeliverySql.OfState, DeliverySql.OfEndpoint, DeliverySql.OfAccount, DeliverySql.OfSim,
            CommandSql.OfAccount, CommandSql.OfStatus, CommandSql.OfSim,
            RatePlanSql.OfAccount, RatePlanSql.OfOrg,
            MonitorSql.All.Own, MonitorSql.All.Shown, MonitorSql.OfSim.Own, MonitorSql.OfSim.Shown,
            MonitorSql.OfActor.Own, MonitorSql.OfActor.Shown, MonitorSql.OfAddress.Own, MonitorSql.OfAddress.Shown,
        }.Select(index => new Listed(index)),
    ];

    /// <summary>Says if a plan of PostgreSQL reads this index in its order, from the first row that matches, and sorts nothing.</summary>
    internal static bool IsWalkOf(Listed list, string plan) =>
        plan.StartsWith("Limit\n", StringComparison.Ordinal)
        && Regex.IsMatch(plan, $@"Index (Only )?Scan (Backward )?using {list.Name} on {list.Table}\n")
        && Regex.Count(plan, "Scan") == 1 && !plan.Contains("Sort", StringComparison.Ordinal)
        && Regex.IsMatch(plan, @"Index Cond: \(\(org_id = \S+\) AND \(.*id.* > .*\) AND \(.*id.* < .*\)\)");

    [Fact]
    public void Every_list_of_the_program_is_known_here()
    {
        var known = Indexes.Select(list => list.Index).ToHashSet();
        var all = typeof(App).Assembly.GetTypes().Where(type => !type.ContainsGenericParameters)
            .SelectMany(type => type.GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public
                | System.Reflection.BindingFlags.NonPublic))
            .Where(field => field.FieldType == typeof(ListIndex)).Select(field => (ListIndex)field.GetValue(null)!);

        Assert.All(all, index => Assert.Contains(index, known));
    }

    [Fact]
    public void Every_combination_of_filters_is_a_bounded_number_of_ranges_of_one_index_that_has_all_of_them()
    {
        foreach (var query in Combinations())
        {
            var (index, ranges) = SimListSql.Plan(query, [Org]);
            var columns = Columns(index);
            Assert.InRange(ranges.Count, 1, RangesMax);
            Assert.All(ranges, range => Assert.Equal(columns.Length, range.Length));
            foreach (var (column, given) in Given(query))
            {
                // The SIMs of a device are few: they are looked through for the rest.
                if (given && index != SimListSql.OfEid && index != SimListSql.OfRegistrationCode)
                    Assert.Contains(column, columns);
            }
        }
        foreach (var sim in new Guid?[] { null, Org })
        {
            foreach (var status in new[] { null, CommandStatus.Queued.ToWire() })
            {
                foreach (var direction in new[] { null, CommandDirection.ToSim.ToWire() })
                {
                    var (index, ranges) = CommandSql.Plan(Org, Org, (sim, status, direction));
                    Assert.InRange(ranges.Count, 1, 10);
                    Assert.All(ranges, range => Assert.Equal(Columns(index).Length, range.Length));
                }
            }
        }
    }

    [Fact]
    public async Task Every_list_is_a_search_in_the_index_that_has_all_its_filters_also_after_an_analysis()
    {
        using var folder = new TestFolder();
        await SqliteDatabase.Open(folder.Path, TimeProvider.System, NullLogger.Instance).DisposeAsync();
        using var connection = new SqliteConnection($"Data Source={folder.Of("simkeeper.db")};Pooling=False");
        connection.Open();
        Look();
        // Somebody's tool has analyzed a file whose SIMs were all alike: to its statistics one index is as good as another.
        Execute("analyze");
        Execute("""
            insert into sqlite_stat1 (tbl, idx, stat) select m.tbl_name, m.name, (select group_concat('1000000', ' ') || ' 1'
              from pragma_index_info(m.name)) from sqlite_master m where m.type = 'index'
            """);
        connection.Close();
        connection.Open();
        Look();

        void Look() => Assert.All(Indexes, list => Assert.All(list.Index.Statements, sql =>
            Assert.Matches(Expected(list, sql), Assert.Single(SchemaTests.Plan(connection, sql.Text)))));

        void Execute(string text)
        {
            using var command = connection.CreateCommand();
            command.CommandText = text;
            command.ExecuteNonQuery();
        }
    }

    /// <summary>The step of the embedded store's plan.</summary>
    private static string Expected(Listed list, Sql sql)
    {
        var row = Regex.Match(sql.Text, @"and (\S+|\([^()]+\)) > ").Groups[1].Value.Replace(", ", ",", StringComparison.Ordinal);
        var values = Regex.Replace(row, @"\w+", "?");
        var index = list.Name.EndsWith("_pkey", StringComparison.Ordinal)
            ? $@"(INDEX sqlite_autoindex_{list.Table}_1|PRIMARY KEY)"
            : $"INDEX {list.Name}";
        return $@"^SEARCH {list.Table} USING (COVERING )?{index} "
            + Regex.Escape($"(org_id=? AND {row}>{values} AND {row}<{values})") + "$";
    }

    private static string[] Columns(ListIndex index)
    {
        var parameters = index.Rows(newer: false).Parameters;
        return [.. parameters.TakeWhile(name => name != "@lower").Select(name => name[1..])];
    }

    private static IEnumerable<(string Column, bool Given)> Given(SimQuery query) =>
    [
        ("account_id", query.AccountId is not null), ("status", query.Statuses is not null), ("provider", query.Providers is not null),
        ("type", query.Type is not null), ("user_id", query.User is not null), ("shown", query.Shown is not null),
        ("rate_plan_id", query.RatePlanId is not null), ("eid", query.Eid is not null),
        ("registration_code", query.RegistrationCode is not null),
    ];

    /// <summary>Every combination of filters that an API has, each filter with one value and with as many as it takes.</summary>
    private static IEnumerable<SimQuery> Combinations()
    {
        SimStatus[]?[] statuses = [null, [SimStatus.Active], Enum.GetValues<SimStatus>()];
        string[]?[] providers = [null, ["p3"], [.. Enumerable.Range(0, ListSims.ProvidersMax).Select(i => $"p{i}")]];
        var blank = new SimQuery(Org, Org) { Limit = 50 };
        foreach (var status in statuses)
        {
            foreach (var provider in providers)
            {
                yield return new SimQuery(null, null) { Statuses = status, Providers = provider, Limit = 50 };
                foreach (var type in new SimType?[] { null, SimType.ESim })
                {
                    foreach (var user in new[] { null, "user" })
                        yield return blank with { Statuses = status, Providers = provider, Type = type, User = user };
                }
            }
        }
        for (var bits = 0; bits < 16; bits++)
        {
            yield return blank with
            {
                Shown = (bits & 1) == 0 ? null : "active",
                RatePlanId = (bits & 2) == 0 ? null : Org,
                Eid = (bits & 4) == 0 ? null : "eid",
                RegistrationCode = (bits & 8) == 0 ? null : "code",
            };
        }
    }

    [GeneratedRegex(@" from (\w+)\b")]
    private static partial Regex TableName();
}
