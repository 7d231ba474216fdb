using System.Diagnostics;
using Simkeeper.Core;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>
/// Lists of many SIMs by every combination of filters, also by those that match nothing or almost nothing: each gives what it should, and
/// none takes long.
/// </summary>
[Attack]
public sealed class FilterTests
{
    private const int PageSize = 50;

    /// <summary>Of one list. At a million SIMs some took more than twenty seconds.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private static readonly int Count = AttackAttribute.Size(20_000, 1_000_000);

    private static readonly string[] Statuses = ["new", "ready", "active", "suspended", "deactivated", "canceled"];

    /// <summary>A SIM as the test knows it; its number grows with its age.</summary>
    private sealed record Known(
        string Sid, string Status, string Shown, string Type, string Provider, string? User, string? Eid, bool HasPlan, bool IsOfMaster);

    [Fact]
    public async Task Every_combination_of_filters_finds_what_it_should_in_little_time()
    {
        await using var server = await TestServer.StartAsync();
        await FillAsync(server);
        var sims = Store.Rows(server, $"""
            select {(server.Database is null ? "hex(id)" : "id")}, status, shown, type, provider, coalesce(user_id, ''), coalesce(eid, ''),
              case when rate_plan_id is null then 0 else 1 end, (select case when parent_id is null then 1 else 0 end
                from accounts where accounts.org_id = sims.org_id and accounts.id = sims.account_id)
            from sims order by sims.id desc
            """).Select(row => row.Split('|')).Select(row => new Known(
                SidOf(row[0]), row[1], row[2], row[3], row[4], NullIfEmpty(row[5]), NullIfEmpty(row[6]), row[7] == "1", row[8] == "1"))
            .ToList();
        Assert.InRange(sims.Count, Count, Count + 100);
        var (gigs, kore, operators) = (server.Gigs, server.Kore, server.Operator);
        foreach (var (path, matches) in Lists())
        {
            var expected = sims.Where(matches).Take(PageSize).Select(sim => sim.Sid);
            var clock = Stopwatch.StartNew();
            var client = path[1] switch { 'v' => kore, 'o' => operators, _ => gigs };
            var page = (await client.FetchAsync(path)).Is(200);
            Assert.True(clock.Elapsed < Deadline, $"{path} took {clock.Elapsed}.");
            var found = path[1] switch
            {
                'v' => page.Json.GetProperty("sims").EnumerateArray().Select(sim => sim.GetProperty("sid").GetString()!),
                'o' => page.Each("sid"),
                _ => page.Each("id").Select(Fleet.Sid),
            };
            Assert.True(expected.SequenceEqual(found), path);
        }
    }

    [Fact]
    public async Task A_page_of_an_operators_list_looks_at_a_bounded_number_of_rows_and_the_list_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        var iccids = await server.Operator.ImportSimsAsync(Walk.RowsMax + 1000);
        var sim = await server.SidAsync(iccids[^1]);
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "renamed"))).Is(200);
        const string list = "/operator/v1/events?type=sim.updated";

        var first = (await server.Operator.FetchAsync(list)).Is(200);

        Assert.Empty(first.Items);
        Assert.NotNull(first["next"]);
        Assert.Equal([sim], (await server.Operator.AllAsync(list)).Select(item => item.GetProperty("sim").GetString()));
        var created = await server.Operator.AllAsync("/operator/v1/events?type=sim.created&limit=500");
        Assert.Equal(Store.Rows(server, "select count(*) from events where type = 'sim.created'").Single(), $"{created.Count}");
    }

    /// <summary>Every combination, with values that many, few and no SIMs have.</summary>
    private static IEnumerable<(string Path, Func<Known, bool> Matches)> Lists()
    {
        var fifty = string.Join(',', Enumerable.Range(0, 49).Select(i => $"p{i}").Append("few"));
        string?[] providers = [null, "test", "few", "none", "test,few", fifty];
        foreach (var status in new string?[] { null, "active", "inactive", "retired", "active,retired" })
        {
            foreach (var provider in providers)
            {
                foreach (var type in new string?[] { null, "eSIM", "pSIM" })
                {
                    foreach (var user in new string?[] { null, "owner", "nobody" })
                    {
                        yield return (Query("/projects/sandbox/sims?limit=50", ("status", status), ("provider", provider), ("type", type),
                                ("user", user)),
                            sim => sim.IsOfMaster && (status is null || status.Split(',').Contains(Gigs(sim.Status)))
                                && (provider is null || provider.Split(',').Contains(sim.Provider))
                                && (type is null || sim.Type == type) && (user is null || sim.User == user));
                    }
                }
            }
        }
        foreach (var shown in (string?[])[null, .. Statuses, "updating", "scheduled"])
        {
            foreach (var plan in new[] { null, TestServer.PlanSid })
            {
                foreach (var eid in new[] { null, Eid, "89000000000000000000000000000000" })
                {
                    yield return (Query("/v1/Sims?PageSize=50", ("Status", shown), ("RatePlan", plan), ("EId", eid)),
                        sim => sim.IsOfMaster && (shown is null || sim.Shown == shown) && (plan is null || sim.HasPlan)
                            && (eid is null || sim.Eid == eid));
                }
            }
        }
        foreach (var account in new[] { null, TestServer.MasterSid })
        {
            foreach (var status in (string?[])[null, .. Statuses])
            {
                foreach (var provider in new string?[] { null, "test", "few", "none" })
                {
                    yield return (Query("/operator/v1/sims?limit=50", ("account", account), ("status", status), ("provider", provider)),
                        sim => (account is null || sim.IsOfMaster) && (status is null || sim.Status == status)
                            && (provider is null || sim.Provider == provider));
                }
            }
        }
    }

    private const string Eid = "89049032000000000000000000000012";

    /// <summary>
    /// Imports SIMs and then sets, in the store, what makes a filter hard: a provider and a status that only the oldest SIMs have, no eSIM
    /// in service, and users and plans across all of it.
    /// </summary>
    private static async Task FillAsync(TestServer server)
    {
        const int chunk = 50_000;
        for (var from = 0; from < Count; from += chunk)
        {
            await server.Operator.ImportRowsAsync("iccid,provider,type", [.. Enumerable.Range(from, Math.Min(chunk, Count - from))
                .Select(i => $"{Fleet.WithCheckDigit($"8999{i:D14}")},test,{(i % 4 == 0 ? "eSIM" : "pSIM")}")]);
        }
        // The nineteenth digit is the check digit; those before it are the number.
        const string last = "cast(substr(iccid, 17, 2) as integer)";
        Store.Execute(server, $"""
            update sims set
              status = case when type = 'eSIM' then 'new' when {last} < 60 then 'active' when {last} < 90 then 'suspended' else 'ready' end,
              user_id = case when {last} % 10 = 0 then 'owner' end,
              rate_plan_id = case when {last} % 3 = 0 then (select id from rate_plans where unique_name = 'sandbox-plan') end
            """);
        Store.Execute(server, """
            update sims set shown = case when substr(iccid, 18, 1) = '7' and type = 'pSIM' then 'updating' else status end
            """);
        // Of the oldest: a few of another provider, ten of them retired, and ten profiles of one eUICC.
        Store.Execute(server, "update sims set provider = 'few' where iccid like '8999000000000000%'");
        Store.Execute(server, "update sims set status = 'canceled', shown = 'canceled' where iccid like '89990000000000004%'");
        Store.Execute(server, $"update sims set eid = '{Eid}' where iccid like '89990000000000002%'");
    }

    private static string SidOf(string id) => Ids.ToSid("DE", Guid.Parse(id));

    private static string Gigs(string status) =>
        status is "ready" or "active" ? "active" : status is "canceled" ? "retired" : "inactive";

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static string Query(string path, params (string Name, string? Value)[] filters) =>
        path + string.Concat(filters.Where(filter => filter.Value is not null).Select(filter => $"&{filter.Name}={filter.Value}"));
}
