using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Kore;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Storage.Sqlite;

namespace Simkeeper.Bench;

/// <summary>Deliveries: many due at once, one at a time on an idle server, and beside a receiver that never answers.</summary>
internal static class DeliveryFigures
{
    private const int DueAtOnce = 20_000;

    /// <summary>
    /// Delivered before, while a server that has just started still compiles its code; they do not count. After 5,000 the compiler still
    /// took a third of its processor time.
    /// </summary>
    private const int WarmUp = 30_000;

    /// <summary>The requests that the server has under way to one receiver by default; the bare loop has as many.</summary>
    private const int AtOnce = 32;

    private const int OneByOne = 500;
    private const int Receivers = 20, ForReceivers = 10_000, Swallowed = 1000;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    public static async Task<List<Figure>> RunAsync(Setup setup)
    {
        await using var receiver = await CountingReceiver.StartAsync();
        return [await DrainAsync(setup, receiver), await IdleAsync(setup, receiver), await BesideBlackHoleAsync(setup, receiver)];
    }

    private static async Task<Figure> DrainAsync(Setup setup, CountingReceiver receiver)
    {
        var url = $"http://127.0.0.1:{receiver.Port}/hook";
        var (folder, forms) = await FillAsync(setup, "deliveries", [.. Enumerable.Repeat(url, WarmUp + DueAtOnce)]);
        var bodies = forms.Skip(WarmUp).Select(form => Encoding.UTF8.GetBytes(form)).ToList();
        var rounds = await Rounds.RunAsync(
            () => OnCopyAsync(setup, folder, copy => DeliveredPerSecondAsync(setup, copy, receiver)),
            () => BarePerSecondAsync(url, bodies, receiver));
        return Figure.AtLeast($"{DueAtOnce:N0} signed deliveries to one receiver ÷ bare HttpClient, {AtOnce} at once", 0.50,
            rounds.Ratio(0, 1), $"{rounds.Of(0):N0}/s", $"{rounds.Of(1):N0}/s");
    }

    /// <summary>From the first request that counts to the moment when all are recorded.</summary>
    private static async Task<double> DeliveredPerSecondAsync(Setup setup, string folder, CountingReceiver receiver)
    {
        var all = receiver.ExpectAsync(DueAtOnce, Longest, WarmUp);
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        var seconds = await all;
        using var store = new WatchedStore(folder);
        await store.NoDeliveryLeftAsync();
        return DueAtOnce / (seconds + Stopwatch.GetElapsedTime(receiver.Last).TotalSeconds);
    }

    private static async Task<double> BarePerSecondAsync(string url, List<byte[]> bodies, CountingReceiver receiver)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
        var all = receiver.ExpectAsync(bodies.Count, Longest);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var at && at < bodies.Count)
            {
                using var content = new ByteArrayContent(bodies[at]);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
                using var response = await client.PostAsync(url, content);
                response.EnsureSuccessStatusCode();
            }
        })));
        return bodies.Count / await all;
    }

    /// <summary>From the request that causes a callback to its receipt: more than from the commit, which comes in between.</summary>
    private static async Task<Figure> IdleAsync(Setup setup, CountingReceiver receiver)
    {
        var (folder, sims) = await Stores.FillAsync(setup, "idle", 1, Inventory.Imported);
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        using var client = new HttpClient { BaseAddress = new Uri(server.Url) };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(ServerProcess.KoreAuthorization);
        var took = new List<double>();
        for (var i = -OneByOne / 5; i < OneByOne; i++)
        {
            using var form = new FormUrlEncodedContent([new("Status", "new"), new("CallbackUrl", $"http://127.0.0.1:{receiver.Port}/")]);
            var received = receiver.ExpectAsync(1, Longest);
            var start = Stopwatch.GetTimestamp();
            using var response = await client.PostAsync($"/v1/Sims/{sims[0].Sid}", form);
            response.EnsureSuccessStatusCode();
            await received;
            if (i >= 0)
                took.Add(Stopwatch.GetElapsedTime(start, receiver.Last).TotalMilliseconds);
            // The server is to be idle again.
            await Task.Delay(5);
        }
        took.Sort();
        return Figure.AtMost("idle: p99 from the request that causes a callback to its receipt", 50, " ms",
            took[OneByOne * 99 / 100], $"p50 {took[OneByOne / 2]:0.00} ms", "none");
    }

    private static async Task<Figure> BesideBlackHoleAsync(Setup setup, CountingReceiver receiver)
    {
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start(); // Connections come into being, and nobody ever reads from them.
        var healthy = Enumerable.Range(0, ForReceivers).Select(i => $"http://127.0.0.{2 + (i % Receivers)}:{receiver.Port}/").ToList();
        var swallowed = Enumerable.Repeat($"http://127.0.0.1:{((IPEndPoint)hole.LocalEndpoint).Port}/", Swallowed);
        var (alone, _) = await FillAsync(setup, "healthy", healthy);
        var (beside, _) = await FillAsync(setup, "black-hole", [.. swallowed, .. healthy]);
        var rounds = await Rounds.RunAsync(
            () => OnCopyAsync(setup, beside, copy => SecondsAsync(setup, copy, receiver)),
            () => OnCopyAsync(setup, alone, copy => SecondsAsync(setup, copy, receiver)));
        return Figure.AtMost(
            $"{ForReceivers:N0} deliveries to {Receivers} receivers beside {Swallowed:N0} for one that never answers ÷ alone", 1.1, "",
            rounds.Ratio(0, 1), $"{rounds.Of(0):0.00} s", $"{rounds.Of(1):0.00} s");
    }

    private static async Task<double> SecondsAsync(Setup setup, string folder, CountingReceiver receiver)
    {
        var all = receiver.ExpectAsync(ForReceivers, Longest);
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        return await all;
    }

    /// <summary>A folder in which one delivery to each URL is due, past the server.</summary>
    private static async Task<(string Folder, List<string> Forms)> FillAsync(Setup setup, string name, List<string> urls)
    {
        var (folder, sims) = await Stores.FillAsync(setup, name, 1, Inventory.Imported);
        await using var database = SqliteDatabase.Open(folder, TimeProvider.System, NullLogger.Instance);
        var message = new CallbackMessage(new Callback("", "POST", "kore"));
        // The URLs have nothing that is to be sealed.
        var seals = new SealedUrls(null!, null!);
        var forms = urls.Select((_, i) => KoreCallback.Form(sims[0] with { UniqueName = $"meter-{i}" }, message)).ToList();
        await database.WriteAsync(async session =>
        {
            for (var i = 0; i < urls.Count; i++)
            {
                await TwilioCallback.PutAsync(session, Inventory.NewId(), (sims[0].OrgId, sims[0].AccountId, sims[0].Id),
                    new Callback(urls[i], "POST", "kore"), forms[i], DateTimeOffset.UtcNow, seals);
            }
            return true;
        });
        return (folder, forms);
    }

    private static async Task<double> OnCopyAsync(Setup setup, string folder, Func<string, Task<double>> measure)
    {
        var copy = Stores.Copy(setup, folder, "measured");
        try
        {
            return await measure(copy);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }
}
