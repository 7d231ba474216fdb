using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Simkeeper.Bench;

/// <summary>
/// A server under twice the load that it can take, for long: it is to use no more at the end than at the beginning, to serve others as
/// well, and to have nothing left over when the load is gone.
/// </summary>
internal static class SoakFigures
{
    private const int Sims = 100_000;
    private const int Orgs = 4;
    private const int VictimPerSecond = 50;
    private const int ImportRows = 300;

    /// <summary>The file of the samples.</summary>
    private const string Csv = "artifacts/bench/soak.csv";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ImportEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DrainLongest = TimeSpan.FromMinutes(10);

    /// <summary>Reads a time such as <c>1h</c>, <c>3m</c> or <c>90s</c>.</summary>
    public static bool TryReadTime(string text, out TimeSpan time)
    {
        var unit = text.Length == 0 ? 0 : text[^1] switch { 'h' => 3600, 'm' => 60, 's' => 1, _ => 0 };
        var isNumber = int.TryParse(text.AsSpan(0, Math.Max(0, text.Length - 1)), NumberStyles.None, null, out var number);
        time = TimeSpan.FromSeconds((double)unit * number);
        return isNumber && time >= TimeSpan.FromMinutes(1);
    }

    public static async Task<List<Figure>> RunAsync(Setup setup, TimeSpan time)
    {
        var (folder, orgs) = await SoakOrg.FillAsync(setup, Orgs, Sims);
        await using var receivers = await SoakReceivers.StartAsync();
        var log = Path.Combine(setup.Scratch, "soak.log");
        await using var server = await ServerProcess.StartAsync(setup.Program, folder, log: log);
        using var operators = SoakOrg.Operators(server);
        using var victim = await Victim.MakeAsync(server);
        var plan = Path.Combine(setup.Scratch, "soak-plan.json");
        await using (var file = File.Create(plan))
            await JsonSerializer.SerializeAsync(file, new SoakPlan(server.Url, receivers.Urls, orgs));

        // The first reads are made while the server still compiles its code.
        await victim.ReadAsync(Interval, VictimPerSecond);
        var alone = (await victim.ReadAsync(Interval, VictimPerSecond)).NinetyNine;
        List<SoakSample> samples;
        double drained;
        using (var store = new WatchedStore(folder))
        {
            samples = await LoadAsync(time, plan, server, folder, victim, store, operators, orgs);
            drained = await DrainAsync(store, server);
        }
        var exit = await server.StopAsync();
        var doctor = await CheckAsync(setup.Program, folder);
        var errors = File.ReadLines(log).Where(line => line.Contains(" fail: ") || line.Contains(" crit: ")).ToList();
        foreach (var line in errors.Take(20))
            Console.Error.WriteLine(line);
        if (doctor.Exit != 0)
            Console.Error.WriteLine(doctor.Said);
        var sum = samples.Select(sample => sample.Load).ToList();
        var offered = sum.Sum(load => load.Offered);
        string Share(Func<SoakCounted, long> of) => $"{sum.Sum(of) * 100.0 / offered:0.0} %";
        return
        [
            new($"soak of {time.TotalMinutes:0} minutes: offered", "none", $"{offered / samples[^1].Seconds:N0}/s ("
                + $"{Share(load => load.Accepted)} done, {Share(load => load.Rejected)} refused for what they ask, "
                + $"{Share(load => load.Refused)} 429, {Share(load => load.Away)} 503, {Share(load => load.NotStarted)} not started, "
                + $"{Share(load => load.Late)} given up, {Share(load => load.Broken)} broken)", "none", true),
            Flat("resident memory without the mapped store", 1.1, " MB", sample => sample.OwnMegabytes),
            Beside("resident memory with it", " MB", sample => sample.ResidentMegabytes),
            Flat("open descriptors", 1.1, "", sample => sample.Descriptors),
            Flat("write-ahead log", 1.1, " MB", sample => sample.LogMegabytes),
            Flat("p99 of another org's GET", 1.2, " ms", sample => sample.Victim),
            new("p99 of another org's GET, last sixth beside alone before the load", "none",
                $"{SoakSample.Sixths(samples, sample => sample.Victim).Last:N1} ms", $"{alone:N1} ms", true),
            Beside("p99 of those requests of the overload that were answered", " ms", sample => sample.Load.NinetyNine),
            Beside("open operations", "", sample => sample.Operations),
            Beside("pending deliveries", "", sample => sample.Deliveries),
            Figure.AtMost("another org's GETs without success", 0, "", samples.Sum(sample => sample.VictimFailed), "", "none"),
            Figure.AtMost("answers of 5xx other than 503, and of 401 or 403 to right keys", 0, "", sum.Sum(load => load.Wrong), "", "none"),
            Figure.AtMost("errors in the server's log", 0, "", errors.Count, "", "none"),
            Figure.AtMost("after the load: until nothing is open but for dead receivers", 300, " s", drained, "", "none"),
            Figure.AtMost("exit code of the server, and of `doctor --check` then", 0, "", exit + doctor.Exit, "", "none"),
            new("size of the store", "none", $"{samples[^1].StoreMegabytes:N0} MB", $"{samples[0].StoreMegabytes:N0} MB", true),
        ];

        Figure Beside(string name, string unit, Func<SoakSample, double> value)
        {
            var (last, second) = SoakSample.Sixths(samples, value);
            return new($"{name}, last sixth beside second", "none", $"{last:N0}{unit}", $"{second:N0}{unit}", true);
        }

        Figure Flat(string name, double most, string unit, Func<SoakSample, double> value)
        {
            var (last, second) = SoakSample.Sixths(samples, value);
            return Figure.AtMost($"{name}, last sixth ÷ second", most, "", last / second, $"{last:N1}{unit}", $"{second:N1}{unit}");
        }
    }

    private static async Task<List<SoakSample>> LoadAsync(TimeSpan time, string plan, ServerProcess server, string folder,
        Victim victim, WatchedStore store, HttpClient operators, List<SoakOrg> orgs)
    {
        var samples = new List<SoakSample>();
        var started = Stopwatch.GetTimestamp();
        using var load = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [SoakLoad.Argument, plan])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        async Task<T> SaysAsync<T>() => JsonSerializer.Deserialize<T>(
            await load.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The load has ended."))!;
        var rate = await SaysAsync<SoakRate>();
        Console.Error.WriteLine($"  the server completes {rate.Completed:N0}/s and is offered {rate.Offered:N0}/s …");
        var offered = Stopwatch.GetTimestamp();
        var imported = TimeSpan.Zero;
        var import = Task.CompletedTask;
        for (var file = 0; Stopwatch.GetElapsedTime(started) < time;)
        {
            var since = Stopwatch.GetElapsedTime(offered);
            if (since >= imported)
            {
                await import;
                import = ImportAsync(operators, orgs[file % orgs.Count], file++);
                imported = since + ImportEvery;
            }
            var reads = await victim.ReadAsync(Interval, VictimPerSecond);
            await load.StandardInput.WriteLineAsync();
            var counted = await SaysAsync<SoakCounted>();
            samples.Add(SoakSample.Of(server, folder, Stopwatch.GetElapsedTime(offered).TotalSeconds, reads, counted, store));
            SoakSample.Write(Csv, samples);
        }
        await import;
        load.StandardInput.Close();
        await load.WaitForExitAsync();
        return samples;
    }

    private static async Task ImportAsync(HttpClient operators, SoakOrg org, int number)
    {
        var rows = Enumerable.Range(Sims + (number * ImportRows), ImportRows).Select(Inventory.CsvLine).Prepend(Inventory.CsvHeader);
        using var content = new StringContent(string.Join('\n', rows), new MediaTypeHeaderValue("text/csv"));
        using var answer = await operators.PostAsync($"/operator/v1/accounts/{org.Sid}/sims/import?provider=test", content);
        var said = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode || said.Contains("\"error\""))
            Console.Error.WriteLine($"  import {number}: {(int)answer.StatusCode} {said[..Math.Min(500, said.Length)]}");
    }

    /// <summary>Waits until nothing is open but deliveries to dead receivers, and gives the seconds.</summary>
    private static async Task<double> DrainAsync(WatchedStore store, ServerProcess server)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var (operations, commands) = (store.OpenOperations(), store.OpenCommands());
            var deliveries = store.PendingDeliveriesExcept(SoakReceivers.Hanging, SoakReceivers.Failing);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (operations + commands + deliveries == 0 || seconds > DrainLongest.TotalSeconds)
                return seconds;
            Console.Error.WriteLine($"  {seconds:0} s after: {operations} operations, {commands} Commands, {deliveries} deliveries, "
                + $"{server.ProcessorTime().TotalSeconds:0} s of the processor …");
            await Task.Delay(Interval / 2);
        }
    }

    private static async Task<(int Exit, string Said)> CheckAsync(string program, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(program, ["doctor", "--check", "--data", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said + await error);
    }
}
