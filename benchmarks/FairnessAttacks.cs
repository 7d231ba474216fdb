using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Jobs;

namespace Simkeeper.Bench;

/// <summary>
/// Attacks of one org on a server, each by processes of their own. Each sends without a pause until it is stopped.
/// </summary>
/// <param name="folder">The data folder of the server.</param>
/// <param name="sims">SIMs that the attacker has.</param>
/// <param name="receiver">A web server on every address of the loopback network that closes no connection.</param>
internal sealed class FairnessAttacks(
    Setup setup, ServerProcess server, string folder, IReadOnlyList<Sim> sims, ServerProcess receiver)
{
    /// <summary>Hosts that are called back: far more than the server may have connections to receivers.</summary>
    private const int Hosts = 5000;

    private const string Reader = "Authorization: Bearer gpk_sandbox_read";
    private const string Writer = $"Authorization: {ServerProcess.GigsAuthorization}";
    private const string Operator = $"Authorization: {ServerProcess.OperatorAuthorization}";
    private const string Form = "Content-Type: application/x-www-form-urlencoded";
    private const string Json = "Content-Type: application/json";
    private static readonly string Kore = $"Authorization: {ServerProcess.KoreAuthorization}";

    /// <summary>Those that write come last, so that the others meet the store as it was made.</summary>
    public IEnumerable<(string Name, Func<CancellationToken, Task> Run)> All =>
    [
        ("1: lists of 50 providers with a read-only key, 6 connections", FiftyProvidersAsync),
        ("2: combinations of filters, 12 connections, and an operator's, 4", FiltersAsync),
        ("3: forms of 32,000 parameters, 32 connections", ParametersAsync),
        ("4: lists of 1,000 SIMs, 256 connections", LargePagesAsync),
        ("5: connections without a request, opened for ever", IdleAsync),
        ("8: guesses of keys, 256 connections", GuessesAsync),
        ("9: searches with a read-only key and ever new Idempotency-Keys, 64 connections", SearchesAsync),
        ($"6: callbacks to {Hosts:N0} hosts that keep connections open, 4 connections", KeepingReceiversAsync),
        ("7: callbacks to ever new names that nobody knows, 4 connections", UnknownNamesAsync),
        ("9: PATCHes of the largest metadata with one key, 64 connections", PatchesAsync),
    ];

    /// <summary>Sends requests until it is stopped, as <c>storm.lua</c> says.</summary>
    public static Task StormAsync(
        ServerProcess server, int connections, string method, string paths, string bodies, string[] headers, CancellationToken stop)
    {
        var lua = Path.Combine(AppContext.BaseDirectory, "wrk", "storm.lua");
        return RunAsync("wrk",
            ["-t1", $"-c{connections}", "-d10m", "-s", lua, server.Url, "--", method, paths, bodies, .. headers], stop);
    }

    private Task FiftyProvidersAsync(CancellationToken stop)
    {
        var providers = string.Join(',', Enumerable.Range(0, 50).Select(number => $"p{number}"));
        var paths = setup.Lines("fifty-providers", [$"/projects/sandbox/sims?type=eSIM&provider={providers}"]);
        return StormAsync(server, 6, "GET", paths, "-", [Reader], stop);
    }

    private Task FiltersAsync(CancellationToken stop)
    {
        string[] queries =
        [
            "status=active", "status=active&type=eSIM", "status=active&type=pSIM", "provider=p3&status=active",
            "provider=test&status=active", "provider=zzz&type=eSIM", "status=retired&provider=p3", "status=retired&provider=test",
        ];
        var paths = setup.Lines("filters", queries.Select(query => $"/projects/sandbox/sims?{query}"));
        var operators = setup.Lines("operators-filter", ["/operator/v1/sims?provider=none"]);
        return Task.WhenAll(
            StormAsync(server, 12, "GET", paths, "-", [Reader], stop), StormAsync(server, 4, "GET", operators, "-", [Operator], stop));
    }

    private Task ParametersAsync(CancellationToken stop) => StormAsync(server, 32, "POST", setup.Lines("forms", ["/v1/RatePlans"]),
        setup.Lines("form", [string.Join('&', Enumerable.Repeat("a", 32_000))]), [Kore, Form], stop);

    private Task LargePagesAsync(CancellationToken stop) =>
        StormAsync(server, 256, "GET", setup.Lines("large-pages", ["/v1/Sims?PageSize=1000"]), "-", [Kore], stop);

    private Task IdleAsync(CancellationToken stop) => RunAsync(Environment.ProcessPath!, [IdleConnections.Argument, server.Url], stop);

    private Task GuessesAsync(CancellationToken stop) =>
        StormAsync(server, 256, "GET", setup.Lines("guesses", ["/projects/sandbox/sims"]), "-", ["Authorization: Bearer gpk_*"], stop);

    private Task SearchesAsync(CancellationToken stop) => StormAsync(server, 64, "POST",
        setup.Lines("search", ["/projects/sandbox/sims/search"]),
        setup.Lines("searched", sims.Select(sim => $$"""{"iccid":"{{sim.Iccid}}"}""")), [Reader, Json, "Idempotency-Key: *"], stop);

    private Task KeepingReceiversAsync(CancellationToken stop)
    {
        var port = new Uri(receiver.Url).Port;
        var hosts = Enumerable.Range(0, Hosts).Select(host => $"127.1.{host / 250}.{1 + (host % 250)}");
        return CallbacksAsync("keeping", hosts.Select(host => $"http://{host}:{port}/"), stop);
    }

    private Task UnknownNamesAsync(CancellationToken stop) => CallbacksAsync("unknown", ["http://n*.invalid/"], stop);

    private async Task CallbacksAsync(string name, IEnumerable<string> urls, CancellationToken stop)
    {
        var bodies = setup.Lines(name, urls.Select(url => $"FriendlyName=x&CallbackUrl={url}"));
        await StormAsync(server, 4, "POST", setup.Lines("called", sims.Select(sim => $"/v1/Sims/{sim.Sid}")), bodies, [Kore, Form], stop);
        // Those that were not sent would be sent while the next reads are measured alone.
        await using var store = new SqliteConnection($"Data Source={Path.Combine(folder, "simkeeper.db")};Pooling=false");
        store.Open();
        using var forget = store.CreateCommand();
        forget.CommandText = $"delete from jobs where lane = {(long)Lane.Deliveries}";
        forget.ExecuteNonQuery();
    }

    private Task PatchesAsync(CancellationToken stop)
    {
        var values = Enumerable.Range(0, 10).Select(number => $"\"{number}\":\"*{new string('x', 230)}\"");
        var body = setup.Lines("metadata", ["{\"metadata\":{" + string.Join(',', values) + "}}"]);
        var paths = setup.Lines("patched", sims.Select(sim => $"/projects/sandbox/sims/{sim.PublicId}"));
        return StormAsync(server, 64, "PATCH", paths, body, [Writer, Json], stop);
    }

    private static async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken stop)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        try
        {
            await process.WaitForExitAsync(stop);
            throw new InvalidOperationException($"The attack by {program} ended by itself.");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
