using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Simulation;

/// <summary>The end of a call, as its caller knows it.</summary>
internal enum Outcome
{
    Accepted,
    Refused,
    Unknown,
}

/// <summary>A callback that was asked for; its path names it.</summary>
internal sealed record AskedCallback(string Path, string Sim, Outcome Outcome);

/// <summary>A value given to a SIM, never given before.</summary>
internal sealed record GivenValue(string Field, string Value, string Sim, Outcome Outcome);

/// <summary>The random calls of a story, and what their callers remember of them.</summary>
internal sealed class RandomCalls(Simulation simulation)
{
    private const string Form = "application/x-www-form-urlencoded";
    private readonly ConcurrentDictionary<string, (string PublicId, string Account)> _sims = new();
    private readonly ConcurrentDictionary<string, bool> _moved = new();
    private readonly List<PageWalk> _walks = [];
    private int _count;

    public static readonly IReadOnlyList<Caller> Callers =
    [
        new("AC00000000000000000000000000000001", "WP00000000000000000000000000000001", "sandbox", "Bearer gpk_sandbox",
            $"{Calls.Basic("AC00000000000000000000000000000001", "sandbox-token")}"),
        new("AC00000000000000000000000000000002", "WP00000000000000000000000000000002", "sandbox-sub", "Bearer gpk_sandbox_sub",
            $"{Calls.Basic("AC00000000000000000000000000000002", "sandbox-token-2")}"),
    ];

    public ConcurrentBag<AskedCallback> Callbacks { get; } = [];

    public ConcurrentBag<GivenValue> Values { get; } = [];

    /// <summary>Every Command, by its SIM, and how sending it went.</summary>
    public ConcurrentBag<(string Sim, Outcome Outcome)> Commands { get; } = [];

    /// <summary>Both ids of every SIM that has changed its account, or may have.</summary>
    public IEnumerable<string> Moved => _moved.Keys;

    private Random Chance => simulation.Chance;

    /// <summary>Chooses a call, all its chances taken; the result makes it.</summary>
    public Func<Task> Choose()
    {
        if (_sims.IsEmpty)
            return ReadInventoryAsync;
        return Chance.Next(100) switch
        {
            < 41 => Update(),
            < 45 => Command(),
            < 52 => Patch(),
            < 58 => OperatorChange(),
            < 62 => EndOperation(),
            < 64 => Profile(),
            < 66 => Delete(),
            < 69 => Import(),
            < 76 => Walk(),
            < 78 => CompareAsync,
            < 83 => Fault(),
            < 84 => () => simulation.SendAsync("DELETE", "/operator/v1/faults", Simulation.Operator),
            < 85 => SetClock(),
            _ => Advance(),
        };
    }

    private Func<Task> Update()
    {
        var (sid, sim) = AnySim();
        var caller = Callers[Chance.Next(5) == 0 ? 1 : 0];
        var form = new Dictionary<string, string>();
        if (Chance.Next(4) > 0)
        {
            form["Status"] = simulation.Pick(
                "ready", "active", "active", "active", "suspended", "suspended", "deactivated", "canceled", "new");
            if (Chance.Next(2) == 0)
                form["RatePlan"] = Callers.First(owner => owner.Sid == sim.Account).Plan;
        }
        else if (Chance.Next(3) == 0)
        {
            form["ResetStatus"] = "resetting";
        }
        else if (Chance.Next(4) == 0)
        {
            form["AccountSid"] = simulation.Pick(Callers[0].Sid, Callers[1].Sid);
            form["RatePlan"] = "";
        }
        if (Chance.Next(3) == 0)
            form["FriendlyName"] = Unique("name");
        if (Chance.Next(8) == 0)
            form["UniqueName"] = $"u-{Chance.Next(5)}";
        if (Chance.Next(3) > 0)
        {
            form["CallbackUrl"] = $"http://receiver.test/{simulation.Pick("ok", "ok", "flaky", "flaky", "dead")}/{Unique("c")}";
            form["CallbackMethod"] = simulation.Pick("POST", "GET");
        }
        return async () =>
        {
            if (form.ContainsKey("AccountSid"))
                (_moved[sid], _moved[sim.PublicId]) = (true, true);
            var answer = await simulation.SendAsync("POST", $"/v1/Sims/{sid}", caller.Kore, Encode(form), Form);
            if (form.TryGetValue("CallbackUrl", out var url))
                Callbacks.Add(new(new Uri(url).AbsolutePath, sid, Of(answer)));
            if (form.TryGetValue("FriendlyName", out var name))
                Values.Add(new("friendlyName", name, sid, Of(answer)));
            if (answer.Status is 200 or 202)
                _sims[sid] = (sim.PublicId, answer.Json.GetProperty("account_sid").GetString()!);
            else if (answer.Status == 404 && caller == Callers[0])
                _sims.TryRemove(sid, out _);
        };
    }

    /// <summary>Several to one SIM, or as many words of its device: five make a ready one active.</summary>
    private Func<Task> Command()
    {
        var (sid, _) = AnySim();
        var urls = Enumerable.Range(0, Chance.Next(1, 4))
            .Select(_ => $"http://receiver.test/{simulation.Pick("ok", "flaky", "dead")}/{Unique("c")}").ToList();
        var receipt = simulation.Pick("true", "true", "false");
        if (Chance.Next(4) == 0)
        {
            return async () => Commands.Add((sid, Of(await simulation.SendAsync(
                "POST", "/operator/v1/commands/inbound", Simulation.Operator, $$"""{"sim":"{{sid}}","command":"hello"}"""))));
        }
        return async () =>
        {
            foreach (var url in urls)
            {
                var form = new Dictionary<string, string>
                {
                    ["Sim"] = sid,
                    ["Command"] = "on",
                    ["DeliveryReceiptRequested"] = receipt,
                    ["CallbackUrl"] = url,
                };
                var outcome = Of(await simulation.SendAsync("POST", "/v1/Commands", Callers[0].Kore, Encode(form), Form));
                Commands.Add((sid, outcome));
                Callbacks.Add(new(new Uri(url).AbsolutePath, sid, outcome));
            }
        };
    }

    private Func<Task> Patch()
    {
        var (sid, sim) = AnySim();
        var caller = Callers.First(owner => owner.Sid == sim.Account);
        var value = Unique("value");
        var key = $"k{Chance.Next(4)}";
        return async () =>
        {
            var answer = await simulation.SendAsync("PATCH", $"/projects/{caller.Project}/sims/{sim.PublicId}", caller.Gigs,
                $$$"""{"metadata":{"{{{key}}}":"{{{value}}}"}}""");
            Values.Add(new("metadata", value, sid, Of(answer)));
        };
    }

    private Func<Task> OperatorChange()
    {
        var (sid, _) = AnySim();
        var what = simulation.Pick("activate", "suspend", "deactivate", "reset");
        return () => simulation.SendAsync("POST", $"/operator/v1/sims/{sid}/{what}", Simulation.Operator);
    }

    private Func<Task> EndOperation()
    {
        var (how, body) = simulation.Pick(
            ("force", """{"outcome":"done"}"""), ("force", """{"outcome":"refused"}"""), ("retry", "{}"), ("withdraw", "{}"));
        var at = Chance.Next(1000);
        return async () =>
        {
            var open = await simulation.SendAsync("GET", "/operator/v1/operations?state=open", Simulation.Operator);
            if (open.Status != 200 || open.Items.Length is not (> 0 and var count))
                return;
            var id = open.Items[at % count].GetProperty("id").GetString();
            await simulation.SendAsync("POST", $"/operator/v1/operations/{id}/{how}", Simulation.Operator, body);
        };
    }

    private Func<Task> Profile()
    {
        var (sid, _) = AnySim();
        var status = simulation.Pick("installed", "enabled", "disabled", "deleted");
        var body = $$"""{"status":"{{status}}"}""";
        return () => simulation.SendAsync("PUT", $"/operator/v1/sims/{sid}/esim-profile", Simulation.Operator, body);
    }

    private Func<Task> Delete()
    {
        var (sid, _) = AnySim();
        return () => simulation.SendAsync("DELETE", $"/v1/Sims/{sid}", Callers[0].Kore);
    }

    private Func<Task> Import()
    {
        var caller = Callers[Chance.Next(2)];
        var lines = new StringBuilder("iccid,imsi,msisdn,type,provider,friendly_name,metadata.site\n");
        for (var i = Chance.Next(1, 4); i > 0; i--)
        {
            var number = ++_count;
            var provider = simulation.Pick("test", "test", "lab");
            lines.Append($"8988200000000{number:D6},001010{number:D9},999100{number:D6},pSIM,{provider},card {number},hall\n");
        }
        return async () =>
        {
            var path = $"/operator/v1/accounts/{caller.Sid}/sims/import";
            await simulation.SendAsync("POST", path, Simulation.Operator, lines.ToString(), "text/csv");
            await ReadInventoryAsync();
        };
    }

    private Func<Task> Walk()
    {
        if (_walks.Count < 3 && Chance.Next(3) == 0)
            _walks.Add(NewWalk());
        if (_walks.Count == 0)
            return CompareAsync;
        var walk = _walks[Chance.Next(_walks.Count)];
        _walks.Remove(walk);
        return async () =>
        {
            if (!await walk.StepAsync())
                return;
            lock (_walks)
                _walks.Add(walk);
        };
    }

    private PageWalk NewWalk()
    {
        var caller = Callers[Chance.Next(2)];
        var size = Chance.Next(1, 8);
        return Chance.Next(3) switch
        {
            0 => new(simulation, $"Gigs' list of {caller.Project}", caller.Gigs, $"/projects/{caller.Project}/sims?limit={size}",
                page => page.GetProperty("moreItemsAfter").GetString() is { } after
                    ? $"/projects/{caller.Project}/sims?limit={size}&after={after}" : null,
                page => Texts(page, "items", "id"),
                () => AllAsync(caller.Gigs, $"/projects/{caller.Project}/sims?limit=200", "items", "id")),
            1 => new(simulation, $"KORE's list of {caller.Sid}", caller.Kore, $"/v1/Sims?PageSize={size}",
                page => page.GetProperty("meta").GetProperty("next_page_url").GetString() is { } next ? new Uri(next).PathAndQuery : null,
                page => Texts(page, "sims", "sid"),
                () => AllAsync(caller.Kore, "/v1/Sims?PageSize=1000", "sims", "sid")),
            _ => new(simulation, "the operator's list", Simulation.Operator, $"/operator/v1/sims?limit={size}",
                page => page.GetProperty("next").GetString() is { } next ? $"/operator/v1/sims?limit={size}&after={next}" : null,
                page => Texts(page, "items", "sid"),
                () => AllAsync(Simulation.Operator, "/operator/v1/sims?limit=500", "items", "sid")),
        };
    }

    private Func<Task> Fault()
    {
        var fault = simulation.Pick(
            """{"kind":"down","for":"10s"}""", """{"kind":"down","for":"1m"}""", """{"kind":"down","for":"20m"}""",
            """{"kind":"slow","delay":"10m","count":2}""", """{"kind":"slow","delay":"30h","count":3}""",
            """{"kind":"refuse","count":2,"code":33001}""", """{"kind":"refuse","count":3,"seed":1}""",
            """{"kind":"lost","count":3}""", """{"kind":"twice","count":10}""");
        return () => simulation.SendAsync("POST", "/operator/v1/faults", Simulation.Operator, fault);
    }

    private Func<Task> Advance()
    {
        var by = simulation.Pick("0ms", "200ms", "1s", "1s", "5s", "5s", "1m", "1m", "10m", "1h", "6h", "24h", "24h", "72h", "90d");
        return () => simulation.AdvanceAsync(by);
    }

    /// <summary>Sets the wall clock, forward or back, while the clock of SIMs runs with it.</summary>
    private Func<Task> SetClock()
    {
        var by = simulation.Pick(30.0 / 3600, 3, 24 * 30, 24 * 400) * (Chance.Next(3) == 0 ? 1 : -1);
        return async () =>
        {
            simulation.ClockRuns = true;
            await simulation.SendAsync("POST", "/operator/v1/clock/resume", Simulation.Operator);
            simulation.SetClock(TimeSpan.FromHours(by));
            await simulation.UntilDoneAsync("POST", "/operator/v1/clock/freeze");
        };
    }

    /// <summary>Both dialects, read one after the other, agree on every SIM that did not change meanwhile.</summary>
    public async Task CompareAsync()
    {
        foreach (var caller in Callers)
        {
            var before = await simulation.SendAsync("GET", "/v1/Sims?PageSize=1000", caller.Kore);
            var gigs = await simulation.SendAsync("GET", $"/projects/{caller.Project}/sims?limit=200", caller.Gigs);
            var after = await simulation.SendAsync("GET", "/v1/Sims?PageSize=1000", caller.Kore);
            if (before.Status != 200 || gigs.Status != 200 || after.Status != 200)
                return;
            var first = ByIccid(before.Json, "sims");
            var second = ByIccid(gigs.Json, "items");
            foreach (var (iccid, sim) in ByIccid(after.Json, "sims"))
            {
                if (!first.TryGetValue(iccid, out var was) || was.GetRawText() != sim.GetRawText())
                    continue;
                var status = sim.GetProperty("status").GetString()!;
                if (!second.TryGetValue(iccid, out var other))
                    simulation.Violate($"KORE lists {iccid}, Gigs does not.");
                else if (status is not ("updating" or "scheduled") && Text(other, "status") is { } shown && shown != GigsOf(status))
                    simulation.Violate($"KORE shows {iccid} as {status}, Gigs as {shown}.");
            }
        }
    }

    private static string GigsOf(string status) => status switch
    {
        "ready" or "active" => "active",
        "canceled" => "retired",
        _ => "inactive",
    };

    private async Task ReadInventoryAsync()
    {
        var answer = await simulation.SendAsync("GET", "/operator/v1/sims?limit=500", Simulation.Operator);
        if (answer.Status != 200)
            return;
        foreach (var sim in answer.Items)
            _sims[Text(sim, "sid")] = (Text(sim, "id"), Text(sim, "account"));
    }

    private async Task<HashSet<string>?> AllAsync(string authorization, string path, string list, string id)
    {
        var answer = await simulation.SendAsync("GET", path, authorization);
        return answer.Status == 200 ? [.. Texts(answer.Json, list, id)] : null;
    }

    /// <summary>A few SIMs are asked for often, so that calls meet on them.</summary>
    private (string Sid, (string PublicId, string Account) Sim) AnySim()
    {
        var sids = _sims.Keys.Order(StringComparer.Ordinal).ToList();
        var sid = sids[Chance.Next(Chance.Next(2) == 0 ? Math.Min(5, sids.Count) : sids.Count)];
        return _sims.TryGetValue(sid, out var sim) ? (sid, sim) : (sid, ("sim_0", Callers[0].Sid));
    }

    private string Unique(string prefix) => $"{prefix}-{++_count}";

    private static Outcome Of(Answer answer) =>
        answer.Status switch { 0 => Outcome.Unknown, < 300 => Outcome.Accepted, _ => Outcome.Refused };

    private static IEnumerable<string> Texts(JsonElement page, string list, string name) =>
        page.GetProperty(list).EnumerateArray().Select(item => Text(item, name));

    private static Dictionary<string, JsonElement> ByIccid(JsonElement page, string list) =>
        page.GetProperty(list).EnumerateArray().ToDictionary(item => Text(item, "iccid"));

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;

    private static string Encode(Dictionary<string, string> form) =>
        string.Join('&', form.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));

    /// <summary>An account, with its credentials in both dialects.</summary>
    internal sealed record Caller(string Sid, string Plan, string Project, string Gigs, string Kore);
}
