using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Simulation;

/// <summary>
/// One story of one server on one data folder, told by a seed: calls, faults, deaths, restarts, full disks, what nobody expects, and clocks
/// that are set; then everything is let come to its end and the invariants are checked. A seed fixes what is asked and in which order; how
/// the server's threads interleave is the machine's.
/// </summary>
internal sealed class Simulation : IAsyncDisposable
{
    public const string Operator = "Bearer skop_sandbox";

    private const int Steps = 100;
    private static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(20);
    private static readonly Sql AnyJob = new("select 1 from jobs");
    private static readonly Sql Ahead = new("select 1 from jobs where set_at > @now");

    /// <summary>Exceptions that the server may log, because a story has thrown them.</summary>
    private static readonly string[] Expected = [nameof(ProcessDiedException), nameof(StoreAwayException), nameof(PoisonException)];

    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(TestDatabase.IsWanted ? 5 : 1);
    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromSeconds(30) });

    /// <summary>No answer: the process died, and whether the call took effect is unknown. Its status is 0.</summary>
    private static readonly Answer Lost = new(0, null, new HttpResponseMessage().Headers, "");

    // Processes die here, the machine does not: a folder in memory is as good as a disk, and much faster.
    private static readonly string Folders = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private readonly string _data = Path.Combine(Folders, $"simkeeper-simulation-{Path.GetRandomFileName()}");
    private readonly Dictionary<string, string?> _settings;
    private readonly MovableTime _wall;
    private readonly LogCollector _log = new();
    private readonly List<string> _violations = [];
    private readonly CarrierLimits _limits;
    private readonly CarrierBudget _budget;
    private readonly Disk _disk = new();
    private readonly bool _poisons;
    private readonly Random _poisonChance;
    private bool _isOver;
    private int _poisoned;
    private long _setBack;
    private Life _life = new();
    private TestDatabase? _database;
    private App? _app;

    private Simulation(int seed)
    {
        Chance = new Random(seed);
        _wall = new MovableTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(Chance.Next(24 * 365)));
        _settings = new()
        {
            ["Sandbox:Enabled"] = "true",
            ["Http:Urls"] = "http://127.0.0.1:0",
            ["Storage:Data"] = _data,
            ["Carriers:test:Delay"] = Pick("0ms", "200ms", "5s"),
            // Read in the end, when a year has passed at times.
            ["Deliveries:Keep"] = "3650d",
            ["Operations:Keep"] = "3650d",
            ["Operations:ScheduledDeadline"] = Chance.Next(4) == 0 ? "10m" : null,
        };
        _limits = new CarrierLimits(Pick(0, 1, 2, 5), Pick(1, 2, 4, 64));
        _budget = new CarrierBudget(_limits, () => Failures == 0, Violate);
        _poisons = Chance.Next(3) == 0;
        _poisonChance = new Random(seed);
        Receivers = new Receivers(seed, _poisons);
        Calls = new RandomCalls(this);
    }

    /// <summary>Used by the teller of the story only, never by two threads.</summary>
    public Random Chance { get; }

    public Receivers Receivers { get; }

    public RandomCalls Calls { get; }

    /// <summary>The store itself, whatever has become of the process.</summary>
    public Database Store { get; private set; } = null!;

    /// <summary>The time by which the clock of SIMs was set back, in all.</summary>
    public TimeSpan SetBack => new(Interlocked.Read(ref _setBack));

    /// <summary>Tells the story of a seed.</summary>
    /// <returns>What was wrong; empty: nothing.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(int seed)
    {
        await using var simulation = new Simulation(seed);
        try
        {
            await simulation.RunAsync().WaitAsync(LongestRun);
        }
        catch (Exception e)
        {
            simulation.Violate($"The run broke off: {e}");
        }
        return [.. simulation._violations];
    }

    public T Pick<T>(params ReadOnlySpan<T> of) => of[Chance.Next(of.Length)];

    public void Violate(string what)
    {
        lock (_violations)
        {
            if (_violations.Count < 20)
                _violations.Add(what);
        }
    }

    /// <summary>True while the clock of SIMs may run with the wall clock.</summary>
    public bool ClockRuns { get; set; }

    /// <summary>Sets the wall clock.</summary>
    public void SetClock(TimeSpan by)
    {
        _budget.ClockSet();
        _wall.Move(by);
        _budget.ClockSet();
        if (by < TimeSpan.Zero)
            Interlocked.Add(ref _setBack, -by.Ticks);
    }

    /// <summary>
    /// Sends a call and reads the answer. An error of the server is a violation, unless its process died. While the disk is full, 503 is
    /// the right answer, and nothing of the call may have been done.
    /// </summary>
    public async Task<Answer> SendAsync(
        string method, string path, string authorization, string? body = null, string type = "application/json")
    {
        var undone = _disk.Undone;
        try
        {
            var content = body is null ? null : new StringContent(body, Encoding.UTF8, type);
            var url = new Uri(_app!.Url, path).AbsoluteUri;
            var answer = await Http.CallAsync(new HttpMethod(method), url, content, ("Authorization", authorization));
            if (answer.Status == 503 && _disk.Undone > undone && !_life.Over)
                return answer;
            if (answer.Status >= 500)
            {
                if (!_life.Over)
                    Violate($"{method} {path} was answered with {answer.Status}: {answer.Text}");
                return Lost;
            }
            if (type != "text/csv" && answer.Text.Length > 0)
                _ = answer.Json; // Fails if it is none.
            return answer;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            if (!_life.Over)
                Violate($"{method} {path} had no answer: {e}");
            return Lost;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        if (Directory.Exists(_data))
            Directory.Delete(_data, recursive: true);
    }

    private async Task RunAsync()
    {
        if (TestDatabase.IsWanted)
        {
            _database = await TestDatabase.CreateAsync();
            _settings["Storage:Database"] = _database.ConnectionString;
        }
        await StartAsync();
        for (var step = 0; step < Steps && _violations.Count == 0; step++)
        {
            if (Chance.Next(40) == 0)
                _life.EndAfter(Chance.Next(40));
            var together = Chance.Next(4) == 0 ? Chance.Next(2, 9) : 1;
            await Task.WhenAll(Enumerable.Range(0, together).Select(_ => Calls.Choose()).ToList().Select(call => Task.Run(call)));
            if (_life.Over || Chance.Next(60) == 0)
                await RestartAsync();
            if (!_life.Over && Chance.Next(30) == 0)
                _wall.Move(TimeSpan.FromMinutes(Chance.Next(120)));
            if (Chance.Next(30) == 0)
                _disk.FullFor(Chance.Next(1, 12));
        }
        await EndAsync();
    }

    /// <summary>The faults go, receivers recover, and time passes until nothing is left to do.</summary>
    private async Task EndAsync()
    {
        _life.EndAfter(int.MaxValue);
        if (_life.Over)
            await RestartAsync(deathless: true);
        _disk.FullFor(0);
        _isOver = true;
        Receivers.Recover();
        await SendAsync("DELETE", "/operator/v1/faults", Operator);
        await SendAsync("POST", "/operator/v1/clock/freeze", Operator);
        if (SetBack > TimeSpan.Zero)
            await NoticedAsync();
        // A job whose failure could not be recorded is free again when its lease ends.
        if (Failures > 0)
            _wall.Pass(TimeSpan.FromMinutes(2));
        await AdvanceAsync("100d");
        // What a failure has left in memory is looked at every second.
        for (var waited = Stopwatch.StartNew(); Failures > 0 && waited.Elapsed < NoticedWithin && await HasJobsAsync();)
        {
            await Task.Delay(100);
            await AdvanceAsync("1d");
        }
        if (_violations.Count == 0)
            await new Invariants(this).CheckAsync();
        foreach (var line in _log.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal)
            && !Expected.Any(cause => line.Contains(cause, StringComparison.Ordinal))))
            Violate($"The server logged: {line}");
    }

    /// <summary>Failures of the store and of carriers that the story has made.</summary>
    public int Failures => _disk.Undone + _poisoned;

    private ValueTask<bool> HasJobsAsync() => Store.ReadAsync(session => session.AnyAsync(AnyJob));

    /// <summary>Waits until the server has noticed that its clock was set back, and decides anew about what waits.</summary>
    private async Task NoticedAsync()
    {
        var now = (await SendAsync("GET", "/operator/v1/clock", Operator)).Json.GetProperty("now").GetDateTimeOffset();
        for (var waited = Stopwatch.StartNew(); await Store.ReadAsync(session => session.AnyAsync(Ahead, now.AddSeconds(2)));)
        {
            if (waited.Elapsed > NoticedWithin)
            {
                Violate("Jobs from before the clock was set back are left as they were.");
                return;
            }
            await Task.Delay(20);
        }
    }

    /// <summary>Throws now and then what nobody expects, if it is such a story and it is not over.</summary>
    private void Poison()
    {
        if (!_poisons || _app is null || _isOver)
            return;
        lock (_poisonChance)
        {
            if (_poisonChance.Next(30) > 0)
                return;
        }
        Interlocked.Increment(ref _poisoned);
        throw new PoisonException();
    }

    /// <summary>Moves the clock, and waits until everything that became due is done.</summary>
    public async Task AdvanceAsync(string by)
    {
        var answer = await SendAsync("POST", "/operator/v1/clock/advance", Operator, $$"""{"by":"{{by}}"}""");
        while (answer.Status == 202)
            answer = await SendAsync("POST", "/operator/v1/clock/advance", Operator, """{"by":"0ms"}""");
    }

    /// <summary>Sends a call until it is done, or the process dies.</summary>
    public async Task UntilDoneAsync(string method, string path, string? body = null)
    {
        while (!_life.Over && (await SendAsync(method, path, Operator, body)).Status is < 200 or >= 300)
        {
            // It met what nobody expects.
        }
    }

    private async Task RestartAsync(bool deathless = false)
    {
        await _app!.DisposeAsync();
        _app = null;
        // What a dead server held is free again when its leases end: on a shared store the next one comes after that.
        if (_database is not null)
            _wall.Pass(TimeSpan.FromMinutes(2));
        var by = TimeSpan.FromMinutes(Chance.Next(-120, 120));
        if (ClockRuns)
            SetClock(by);
        else
            _wall.Move(by);
        _disk.FullFor(0);
        await StartAsync(deathless);
    }

    private async Task StartAsync(bool deathless = false)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(_settings).Build();
        while (true)
        {
            var life = _life = new Life();
            if (!deathless && Chance.Next(5) == 0)
                life.EndAfter(Chance.Next(30));
            _budget.NewLife();
            var seams = new Seams(
                database => new MortalDatabase(Store = database, life, _disk),
                carrier => new WatchedCarrier(carrier, life, _budget, () => Store, Poison),
                _ => Receivers.Handler(life));
            try
            {
                _app = await App.StartAsync(configuration, _wall, logging => logging.AddProvider(_log), seams);
                await UntilDoneAsync("POST", "/operator/v1/clock/freeze");
                await UntilDoneAsync("PUT", "/operator/v1/carriers/test",
                    $$"""{"callsPerSecond":{{_limits.CallsPerSecond}},"inFlight":{{_limits.InFlight}}}""");
                if (!life.Over)
                {
                    ClockRuns = false;
                    return;
                }
                await _app.DisposeAsync();
                _app = null;
            }
            catch (ProcessDiedException)
            {
                // It died before it was ready.
            }
        }
    }
}
