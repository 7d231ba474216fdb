using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Simkeeper.Bench;

/// <summary>
/// Reading one SIM of another org while somebody attacks, against the same reads alone: the time that 99 of 100 stay under. Each attack is
/// one that stopped other callers once.
/// </summary>
internal static class FairnessFigures
{
    private const int Sims = 1_000_000;
    private const double Most = 3;

    /// <summary>The other org's reads a second: few, so that their time is that of the server's work and not of their own queue.</summary>
    private const int ReadsPerSecond = 100;

    private const string ReadKey = "Bearer gpk_sandbox_read";

    /// <summary>A read that takes longer is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The time between the start of an attack and the first read that counts.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(1);

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        var (folder, _) = await Stores.FillAsync(setup, "fairness", Sims, Inventory.InUse);
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        using var victim = await VictimAsync(server);
        var providers = string.Join(',', Enumerable.Range(0, 50).Select(number => $"p{number}"));
        var filtered = setup.Lines("filtered", [$"/projects/sandbox/sims?type=eSIM&provider={providers}"]);
        var pages = setup.Lines("large-pages", ["/v1/Sims?PageSize=1000"]);
        var forms = setup.Lines("forms", ["/v1/RatePlans"]);
        var keys = setup.Lines("guesses", ["/projects/sandbox/sims"]);
        var form = setup.Lines("form", [string.Join('&', Enumerable.Repeat("a", 32_000))]);
        (string Name, Func<CancellationToken, Task> Run)[] attacks =
        [
            ("1: six lists of 50 providers with a read-only key", stop => StormAsync(server, 6, stop, "GET", filtered, ReadKey, "-")),
            ("3: forms of 32,000 parameters, 32 connections",
                stop => StormAsync(server, 32, stop, "POST", forms, ServerProcess.KoreAuthorization, form)),
            ("4: lists of 1,000 SIMs, 256 connections",
                stop => StormAsync(server, 256, stop, "GET", pages, ServerProcess.KoreAuthorization, "-")),
            ("5: connections without a request, opened for ever", stop => IdleAsync(server, stop)),
            ("8: guesses of keys, 256 connections", stop => StormAsync(server, 256, stop, "GET", keys, "Bearer gpk_*", "-")),
        ];
        var figures = new List<Figure>();
        foreach (var (name, run) in attacks)
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
                    return time;
                });
            figures.Add(Figure.AtMost($"GET of another org, p99, under attack {name}, ÷ alone", Most, "", rounds.Ratio(1, 0),
                $"{rounds.Of(1):N1} ms", $"{rounds.Of(0):N1} ms"));
        }
        return figures;
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
        catch (TaskCanceledException)
        {
            // It took as long as it was waited for.
        }
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>Sends requests without a pause until it is stopped.</summary>
    private static async Task StormAsync(ServerProcess server, int connections, CancellationToken stop, params string[] arguments)
    {
        var lua = Path.Combine(AppContext.BaseDirectory, "wrk", "storm.lua");
        var start = new ProcessStartInfo("wrk", ["-t1", $"-c{connections}", "-d10m", "-s", lua, server.Url, "--", .. arguments])
        {
            RedirectStandardOutput = true,
        };
        using var wrk = Process.Start(start)!;
        try
        {
            await wrk.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            wrk.Kill();
            await wrk.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Opens connections until it is stopped, and sends nothing.</summary>
    private static async Task IdleAsync(ServerProcess server, CancellationToken stop)
    {
        var url = new Uri(server.Url);
        var open = new Queue<Socket>();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                open.Enqueue(socket);
                await socket.ConnectAsync(IPAddress.Parse(url.Host), url.Port, stop);
                if (open.Count > IdleMax)
                    open.Dequeue().Dispose();
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
        while (open.TryDequeue(out var socket))
            socket.Dispose();
    }

    /// <summary>Connections that the attacker holds at once: as many as it may open, less those that it needs itself.</summary>
    private const int IdleMax = 12_000;
}
