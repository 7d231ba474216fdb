using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Storage.Sqlite;

namespace Simkeeper.Bench;

/// <summary>Timers: many due at once, many that are not, and a year of them.</summary>
internal static class TimerFigures
{
    private const int DueAtOnce = 100_000;
    private const int SimsOfYear = 10_000;
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public static async Task<List<Figure>> RunAsync(Setup setup) =>
        [await DrainAsync(setup), await ClaimFigures.RunAsync(setup), await YearAsync(setup)];

    /// <summary>A server that starts on SIMs which were deactivated 72 hours ago, against what canceling them writes.</summary>
    private static async Task<Figure> DrainAsync(Setup setup)
    {
        var (folder, sims) = await Stores.FillAsync(setup, "drain", DueAtOnce, number => Inventory.Imported(number) with
        {
            Status = SimStatus.Deactivated,
            StatusSince = DateTimeOffset.UtcNow - Lifecycle.UntilCanceled,
        });
        var rows = sims.Select(BareCancellation.Of).ToList();
        var rounds = await Rounds.RunAsync(
            () => OnCopyAsync(setup, folder, copy => DrainedPerSecondAsync(setup, copy)),
            () => OnCopyAsync(setup, folder, copy => BarePerSecondAsync(copy, rows)));
        return Figure.AtLeast($"{DueAtOnce:N0} timers due at once ÷ bare group commit", 0.30,
            rounds.Ratio(0, 1), $"{rounds.Of(0):N0}/s", $"{rounds.Of(1):N0}/s");
    }

    /// <summary>From the moment the server listens: what it has done by then does not count.</summary>
    private static async Task<double> DrainedPerSecondAsync(Setup setup, string folder)
    {
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        var watch = Stopwatch.StartNew();
        using var store = new WatchedStore(folder);
        var left = store.TimersDue(DateTimeOffset.UtcNow);
        await store.NoTimerDueAsync(DateTimeOffset.UtcNow);
        var seconds = watch.Elapsed.TotalSeconds;
        store.Expect(SimStatus.Canceled, DueAtOnce);
        return left / seconds;
    }

    private static async Task<double> BarePerSecondAsync(string folder, List<BareCancellation> rows)
    {
        await using var store = await BareStore.OpenAsync(folder);
        var (asked, written) = (0, 0);
        return await GroupCommit.PerSecondAsync(store, SqliteWriter.BatchMax,
            () => Interlocked.Increment(ref asked) <= rows.Count, () => store.Cancel(rows[written++]));
    }

    /// <summary>A sandbox's clock is moved over the three months after which ready SIMs become active.</summary>
    private static async Task<Figure> YearAsync(Setup setup)
    {
        var (folder, _) = await Stores.FillAsync(setup, "year", SimsOfYear,
            number => Inventory.Imported(number) with { Status = SimStatus.Ready });
        var rounds = await Rounds.RunAsync(() => OnCopyAsync(setup, folder, copy => YearSecondsAsync(setup, copy)));
        return Figure.AtMost($"a year over {SimsOfYear:N0} ready SIMs", 30, " s", rounds.Of(0), "", "none");
    }

    private static async Task<double> YearSecondsAsync(Setup setup, string folder)
    {
        await using var server = await ServerProcess.StartAsync(setup.Program, folder);
        using var client = new HttpClient { BaseAddress = new Uri(server.Url) };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(ServerProcess.OperatorAuthorization);
        using var store = new WatchedStore(folder);
        var watch = Stopwatch.StartNew();
        using var response = await client.PostAsJsonAsync("/operator/v1/clock/advance", new { by = $"{Year.Days}d" });
        response.EnsureSuccessStatusCode();
        // A long move is answered before it is over.
        await store.NoTimerDueAsync(DateTimeOffset.UtcNow + Year);
        var seconds = watch.Elapsed.TotalSeconds;
        store.Expect(SimStatus.Active, SimsOfYear);
        return seconds;
    }

    private static async Task<double> OnCopyAsync(Setup setup, string folder, Func<string, Task<double>> measure)
    {
        var copy = Stores.Copy(setup, folder, "timers");
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
