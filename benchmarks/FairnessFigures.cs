using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Simkeeper.Core.Sims;

namespace Simkeeper.Bench;

/// <summary>
/// Reading one SIM of another org while somebody attacks, against the same reads alone: the time that 99 of 100 stay under. Each attack is
/// one that stopped other callers once. The attackers run on the same machine, so the first figure is the floor: the same reads while
/// another program has the load.
/// </summary>
internal static class FairnessFigures
{
    private const int Sims = 1_000_000;
    private const double Most = 3;

    /// <summary>The other org's reads a second: few, so that their time is that of the server's work and not of their own queue.</summary>
    private const int ReadsPerSecond = 100;

    /// <summary>SIMs that are attacked by name.</summary>
    private const int OfAttacker = 1000;

    /// <summary>The connections of the floor: as many as the attack with the most has.</summary>
    private const int FloorConnections = 256;

    /// <summary>A read that takes longer is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The time between the start of an attack and the first read that counts.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The time after an attack, before reads alone are measured: when the attacker has gone, the server still closes thousands of
    /// connections.
    /// </summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var (folder, sims) = await FillAsync(setup);
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        await using var other = await ServerProcess.StartConstantAsync("http://0.0.0.0:0");
        using var victim = await VictimAsync(server);
        var anything = setup.Lines("anything", ["/"]);
        var (ratio, full, alone) = await MeasureAsync(setup, victim, "floor",
            stop => FairnessAttacks.StormAsync(other, FloorConnections, "GET", anything, "-", [], stop));
        var figures = new List<Figure>
        {
            new($"GET of another org, p99, while another program serves {FloorConnections} connections, ÷ alone: the floor", "none",
                $"{ratio:0.00} ({full:N1} ms)", $"{alone:N1} ms", true),
        };
        foreach (var (name, run) in new FairnessAttacks(setup, server, folder, sims, other).All)
        {
            (ratio, var attacked, alone) = await MeasureAsync(setup, victim, name, run);
            figures.Add(Figure.AtMost($"GET of another org, p99, under attack {name}, ÷ alone", Most, "", ratio,
                $"{attacked:N1} ms", $"{alone:N1} ms"));
        }
        return figures;
    }

    /// <summary>Only a few of the SIMs are kept in memory: this process is the other org, and must not be slow itself.</summary>
    private static async Task<(string Folder, List<Sim> Sims)> FillAsync(Setup setup)
    {
        var (folder, sims) = await Stores.FillAsync(setup, "fairness", Sims, Inventory.InUse);
        return (folder, sims[..OfAttacker]);
    }

    /// <summary>The medians of the reads' time while something else goes on and alone, in milliseconds, and of their ratios.</summary>
    private static async Task<(double Ratio, double Attacked, double Alone)> MeasureAsync(
        Setup setup, HttpClient victim, string name, Func<CancellationToken, Task> run)
    {
        Console.Error.WriteLine($"  {name} …");
        var rounds = await Rounds.RunAsync(
            () => NinetyNineAsync(victim, setup.Seconds),
            async () =>
            {
                using var stop = new CancellationTokenSource();
                var attack = run(stop.Token);
                await Task.Delay(Lead);
                var time = await NinetyNineAsync(victim, setup.Seconds);
                await stop.CancelAsync();
                await attack;
                await Task.Delay(Rest);
                return time;
            });
        return (rounds.Ratio(1, 0), rounds.Of(1), rounds.Of(0));
    }

    /// <summary>A client that reads a SIM of an org of its own.</summary>
    public static async Task<HttpClient> VictimAsync(ServerProcess server)
    {
        using var operators = new HttpClient { BaseAddress = new Uri(server.Url) };
        operators.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(ServerProcess.OperatorAuthorization);
        async Task<JsonElement> MakeAsync(string path, string json)
        {
            using var content = new StringContent(json, new MediaTypeHeaderValue("application/json"));
            using var answer = await operators.PostAsync(path, content);
            return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        }
        var made = await MakeAsync("/operator/v1/accounts", """{"name":"Another","project":"another"}""");
        var account = made.GetProperty("sid").GetString();
        var key = await MakeAsync($"/operator/v1/accounts/{account}/keys", """{"kind":"gigs","role":"write"}""");
        using var card = new StringContent("iccid,provider\n8988307777777777777,test\n", new MediaTypeHeaderValue("text/csv"));
        using var imported = await operators.PostAsync($"/operator/v1/accounts/{account}/sims/import", card);
        var sims = await operators.GetFromJsonAsync<JsonElement>($"/operator/v1/sims?account={account}");
        var sim = sims.GetProperty("items")[0].GetProperty("id").GetString();
        var victim = new HttpClient { BaseAddress = new Uri($"{server.Url}/projects/another/sims/{sim}"), Timeout = Patience };
        victim.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse($"Bearer {key.GetProperty("secret").GetString()}");
        return victim;
    }

    /// <summary>
    /// Reads at a steady rate, each read also while others are late, and gives the time that 99 of 100 stay under, in milliseconds.
    /// </summary>
    private static async Task<double> NinetyNineAsync(HttpClient victim, int seconds)
    {
        var reads = new Task<double>[seconds * ReadsPerSecond];
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < reads.Length; i++)
        {
            var wait = TimeSpan.FromSeconds((double)i / ReadsPerSecond) - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait);
            reads[i] = ReadAsync(victim);
        }
        var times = await Task.WhenAll(reads);
        Array.Sort(times);
        return times[times.Length * 99 / 100];
    }

    private static async Task<double> ReadAsync(HttpClient victim)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var answer = await victim.GetAsync("");
            await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        }
        catch (Exception e) when (e is TaskCanceledException or HttpRequestException)
        {
            // A read without its answer is as bad as one that was waited for in vain.
            return Patience.TotalMilliseconds;
        }
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
