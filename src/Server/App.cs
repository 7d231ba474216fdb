using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Carriers.Test;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Commands;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Dialects.Kore;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Operations;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Sims.Import;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Copy;
using Simkeeper.Server.Storage.Postgres;
using Simkeeper.Server.Storage.Sqlite;
using Simkeeper.Server.Usage;

namespace Simkeeper.Server;

/// <summary>The composition root: every part of the server, from the store up to the three APIs. Read top to bottom.</summary>
internal sealed class App : IAsyncDisposable
{
    private static readonly byte[] Constant = System.Text.Encoding.ASCII.GetBytes(
        "{\"object\":\"sim\",\"metadata\":{\"note\":\"" + new string('x', 461) + "\"}}");

    /// <summary>How long the store may take to answer before the server is not ready.</summary>
    private static readonly TimeSpan StorePatience = TimeSpan.FromSeconds(1);

    private readonly WebApplication _web;
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly Settings _settings;
    private readonly TimeProvider _wall;
    private readonly Seams _seams;
    private readonly ILogger _log;
    private RequestDelegate _serve = static context =>
    {
        context.Response.StatusCode = 503;
        return Task.CompletedTask;
    };
    private DeliveryFeed? _feed;
    private bool _ready;

    private App(Settings settings, TimeProvider wall, Action<ILoggingBuilder> logging, Seams seams)
    {
        _settings = settings;
        _wall = wall;
        _seams = seams;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging(builder.Logging);
        if (settings.OtlpEndpoint is not null)
            Export.AddLog(builder.Logging, settings);
        builder.WebHost.UseKestrelCore().UseUrls(settings.Urls.Split(';')).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.BodyBytesMax;
        });
        _web = builder.Build();
        _log = _web.Services.GetRequiredService<ILoggerFactory>().CreateLogger("simkeeper");
    }

    /// <summary>The first address it listens on, once started.</summary>
    public Uri Url => new(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>The operations of each API, for the tests that compare them with the documents.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<(string Method, string Template)>> Routes { get; private set; } =
        new Dictionary<string, IReadOnlyList<(string, string)>>();

    /// <summary>Runs the server until it is stopped; this is <c>simkeeper serve</c>.</summary>
    /// <param name="options">Settings given on the command line, by name.</param>
    /// <exception cref="StartException">It cannot start.</exception>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> options, CancellationToken stop)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.GetFullPath("simkeeper.json"), optional: true)
            .AddEnvironmentVariables("SIMKEEPER__")
            .AddInMemoryCollection(options)
            .Build();
        await using var app = await StartAsync(configuration, TimeProvider.System, logging => logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        }));
        await ((IHost)app._web).WaitForShutdownAsync(stop);
        return 0;
    }

    /// <summary>Starts a server and returns when it is ready.</summary>
    /// <param name="seams">Where a test stands between the server and the outside.</param>
    public static async Task<App> StartAsync(
        IConfiguration configuration, TimeProvider wall, Action<ILoggingBuilder> logging, Seams? seams = null)
    {
        var settings = new Settings(configuration);
        RefuseOpenSandbox(settings);
        var app = new App(settings, wall, logging, seams ?? Seams.None);
        try
        {
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ready = false;
        _feed?.Stop();
        await _web.DisposeAsync();
        for (var i = _parts.Count - 1; i >= 0; i--)
            await _parts[i].DisposeAsync();
    }

    private async Task StartAsync()
    {
        var loggers = _web.Services.GetRequiredService<ILoggerFactory>();
        if (_settings.TrustedProxies.Count > 0)
            _web.UseForwardedHeaders(Forwarded(_settings));
        _web.Run(context => _serve(context));

        var clock = new SimClock(_wall);
        var ids = new IdGenerator(clock);
        var chance = new Chance(RandomNumberGenerator.GetInt32(int.MaxValue));
        var (store, signals) = await OpenAsync();
        var database = Keep(_seams.Database(store));
        Keep(signals);
        var starting = Keep(await database.EnterAsync(Section.Start));
        if (database.IsShared)
            await CopyStore.CheckAsync(database);
        await MoveClock.RestoreAsync(database, clock, _settings.Sandbox);
        await ids.RestoreAsync(database);
        var secrets = await Secrets.OpenAsync(database, WrappingKey(), _settings.OldSecretsKey);
        var jobs = new JobQueue(database, clock, _settings, signals, _log);
        signals.Heard += jobs.Heard;
        if (database.IsShared)
            await CopyStore.EndAsync(database);
        else
            await jobs.VoidLeasesAsync();

        var tokens = new AccessTokens(secrets.KeyFor("access tokens"), _wall);
        var credentials = new Credentials(database, _wall, signals, tokens, new FailedLogins(_settings, _wall));
        var accounts = new Accounts.Accounts(database, secrets, clock, ids);
        var keys = new Keys(database, credentials, clock, ids);
        await SeedAsync(new Seed(database, accounts, secrets, clock, ids));
        await starting.DisposeAsync();

        var rules = new LifecycleRules(_settings.OperationDeadline, _settings.ScheduledDeadline, _settings.AllowReactivation);
        var faults = new Faults(database, signals);
        await faults.LoadAsync();
        var carriers = new CarrierList(_settings, id => _seams.Carrier(new TestCarrier(id, _settings.CarrierDelay(id), faults, database)), signals);
        await carriers.LoadLimitsAsync(database);
        var endpoints = new WebhookEndpoints(database, secrets, clock, ids, _settings);
        var webhooks = new Webhooks(ids, _settings);
        var change = new ChangeSim(database, clock, ids, jobs, carriers, rules, chance, webhooks);
        var usage = new TakeUsage(database, change, clock, ids, jobs, _settings);
        var dataLimits = new DataLimitWorker(database, clock, ids, carriers, jobs, chance);
        var list = new ListSims(database);
        var import = new ImportSims(database, secrets, clock, ids, jobs, webhooks, _settings);
        var qrCodes = new QrCodes(database, _settings, _wall);
        var operations = new OperationWorker(database, clock, carriers, change, jobs, chance);
        await operations.ResumeAsync();
        var requests = new DeliveryRequests(secrets);
        var receivers = new Receivers(database, jobs, clock, _settings);
        _feed = Keep(new DeliveryFeed());
        _web.Lifetime.ApplicationStopping.Register(_feed.Stop);
        var records = Keep(new AttemptRecords(database, endpoints, clock));
        var deliveries = Keep(new DeliveryWorker(database, clock, requests, receivers, jobs, records, _feed, chance, _settings, _seams));

        var commands = new CommandWorker(database, clock, ids, carriers, jobs, chance, _settings);
        var accept = new AcceptCommand(clock, ids, change, carriers, jobs, _settings);

        WorkerLoop Loop(string name, IReadOnlyList<IJobSource> sources, int atOnceMax, Func<Job, CancellationToken, Task> work) =>
            Keep(new WorkerLoop(name, jobs, clock, sources, atOnceMax, work, _log));
        WorkerLoop[] loops =
        [
            Loop("operation", operations.Sources, OperationWorker.AtOnceMax, operations.RunOperationAsync),
            Loop("timer", [BudgetSource.Free(jobs, Lane.Timers)],
                database.IsShared ? OperationWorker.TimersAtOnceOnConnections : OperationWorker.TimersAtOnceMax, operations.RunTimerAsync),
            Loop("data limit", [BudgetSource.Free(jobs, Lane.DataLimits)], DataLimitWorker.AtOnceMax, dataLimits.RunAsync),
            Loop("command", commands.Sources, CommandWorker.AtOnceMax, commands.RunAsync),
            Loop("delivery", [receivers], Receivers.AtOnceMax, deliveries.RunAsync),
        ];
        var moveClock = Keep(new MoveClock(database, clock, jobs, operations, loops, signals, _log));

        var watch = Keep(new InstallationWatch(database, signals, _wall, _log));
        watch.On(MoveClock.Name, moveClock.TakeUpAsync);
        watch.On(Faults.Name, faults.LoadAsync);
        watch.On(CarrierList.LimitsOf, () => carriers.LoadLimitsAsync(database));
        watch.On(Credentials.Revocation, () =>
        {
            credentials.ForgetHere();
            return Task.CompletedTask;
        });
        signals.Heard += word =>
        {
            if (word == Credentials.Revocation)
                credentials.ForgetHere();
        };
        watch.Always(operations.GiveBackAsync);
        watch.Start();

        var gigs = new GigsApi(credentials, new GigsSims(database, list, change, secrets, _settings, _wall), loggers.CreateLogger<GigsApi>());
        var kore = new KoreApi(credentials, new KoreSims(database, list, change, _settings),
            new KoreRatePlans(database, new RatePlans(database), clock, ids, _settings),
            new KoreCommands(database, accept, commands, _settings), new KoreUsage(database, clock, _settings),
            new KoreAccounts(accounts, new UpdateAccount(database, credentials, jobs, clock, ids), clock, _settings),
            new KoreSecrets(new WebhookSecrets(database, secrets, clock, ids), _settings), new KoreEvents(database, clock, _settings),
            _settings, loggers.CreateLogger<KoreApi>());
        var koreTokens = new KoreTokens(credentials, tokens, _settings, loggers.CreateLogger<KoreTokens>());
        var operators = new OperatorApi(credentials, new OperatorAccounts(accounts, keys, _settings, _wall),
            new OperatorSims(database, accounts, change, import, clock, _settings),
            new OperatorOperations(database, operations, _settings), new OperatorCarriers(database, carriers, _settings),
            new OperatorEvents(database), new OperatorWebhooks(database, accounts, endpoints, webhooks, jobs, clock, ids, _settings),
            new OperatorDeliveries(database, accounts, new Redelivery(database, jobs, clock, ids), _settings),
            new OperatorStream(database, accounts, jobs, _feed, requests, _wall),
            new OperatorCommands(accept, _settings, loggers.CreateLogger<OperatorCommands>()), new OperatorUsage(usage, _settings),
            new OperatorClock(clock, moveClock, faults, carriers, ids, _settings),
            loggers.CreateLogger<OperatorApi>());
        Routes = new Dictionary<string, IReadOnlyList<(string, string)>>
        {
            ["gigs"] = [.. gigs.Routes.All.Select(route => (route.Method, route.Template))],
            ["kore"] = [.. kore.Routes.All.Select(route => (route.Method, route.Template)), ("POST", KoreTokens.Path)],
            ["operator"] = [.. operators.Routes.All.Select(route => (route.Method, route.Template))],
        };
        if (_settings.OtlpEndpoint is not null)
            Keep(new Export(_settings, new QueueGauges(database, clock)));
        _serve = context => ("/" + context.Request.Path.Value!.TrimStart('/')) switch
        {
            "/health/live" => HealthAsync(context, true),
            "/health/ready" => ReadyAsync(context, database),
            _ when _settings.Role == "worker" => NotFoundAsync(context),
            var path when Under(path, "/projects") => Api(context, "gigs", gigs.HandleAsync),
            var path when Under(path, "/v1") || Under(path, "/2010-04-01") => Api(context, "kore", kore.HandleAsync),
            var path when Under(path, "/api-services") => Api(context, "kore", koreTokens.HandleAsync),
            var path when Under(path, "/operator") => Api(context, "operator", operators.HandleAsync),
            var path when Under(path, "/qrcode") => qrCodes.HandleAsync(context, secrets),
            var path when Under(path, "/openapi") => OpenApiAsync(context),
            "/bench/constant" when _settings.BenchConstant => ConstantAsync(context),
            _ => NotFoundAsync(context),
        };

        foreach (var loop in loops)
            loop.Start(claims: _settings.Role != "api");
        if (_settings.Role != "api")
            Keep(new DeliveryRetention(database, clock, _settings, _log)).Start();

        try
        {
            await _web.StartAsync();
        }
        catch (IOException e)
        {
            throw new StartException($"Cannot listen on {_settings.Urls}: {e.Message}", e);
        }
        _ready = true;
        _log.LogInformation("Simkeeper listens on {Url}.", Url);
    }

    private T Keep<T>(T part) where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }

    private async Task SeedAsync(Seed seed)
    {
        if (_settings.Sandbox)
            await seed.SandboxAsync();
        else if (await seed.ProductionAsync(_settings.Data) is { } path)
            _log.LogInformation("First start: the credentials of the new installation are in {Path}.", path);
    }

    private async Task<(Database Store, Signals Signals)> OpenAsync()
    {
        if (_settings.Database is not { } connection)
            return (SqliteDatabase.Open(_settings.Data, _wall, _log), new Signals());
        var postgres = await PostgresDatabase.OpenAsync(connection, _wall, () => _log.LogInformation(
            "Waiting: another server is starting on this database, or migrate-store is copying to it."));
        return (postgres, postgres.Signals());
    }

    /// <summary>Secrets:Key, or the key that the embedded store keeps beside itself, readable by its owner only.</summary>
    private string WrappingKey()
    {
        if (_settings.SecretsKey is { } key)
            return key;
        if (_settings is { Database: not null, Sandbox: true })
            return "sandbox";
        if (_settings.Database is not null)
            throw new StartException("PostgreSQL needs the setting Secrets:Key, the same for every server: it wraps the keys of stored secrets.");
        var path = Path.Combine(_settings.Data, "secrets.key");
        if (!File.Exists(path))
            Seed.WritePrivateAsync(path, System.Text.Encoding.ASCII.GetBytes(Accounts.Accounts.NewSecret())).GetAwaiter().GetResult();
        return File.ReadAllText(path);
    }

    private static void RefuseOpenSandbox(Settings settings)
    {
        if (!settings.Sandbox || settings.AllowRemote)
            return;
        foreach (var url in settings.Urls.Split(';'))
        {
            var host = BindingAddress.Parse(url).Host;
            var loopback = host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
            if (!loopback)
            {
                throw new StartException($"A sandbox has well-known credentials and listens on loopback only, not on {host}. "
                    + "In a container, set Sandbox:AllowRemote=true.", wrongUse: true);
            }
        }
    }

    private static ForwardedHeadersOptions Forwarded(Settings settings)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders.All };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in settings.TrustedProxies)
            options.KnownProxies.Add(IPAddress.Parse(proxy));
        return options;
    }

    private static bool Under(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/');

    /// <summary>Hands a request to its API, whose name its measurements bear.</summary>
    private static Task Api(HttpContext context, string name, RequestDelegate handle)
    {
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("simkeeper.api", name));
        return handle(context);
    }

    private static Task HealthAsync(HttpContext context, bool healthy)
    {
        context.Response.StatusCode = healthy ? 200 : 503;
        return Task.CompletedTask;
    }

    /// <summary>Ready: migrated, seeded, and the store answers.</summary>
    private async Task ReadyAsync(HttpContext context, Database database)
    {
        var there = _ready;
        try
        {
            if (there)
                await database.ReadAsync(AcrossOrgs.AnyAsync).AsTask().WaitAsync(StorePatience, _wall);
        }
        catch (Exception e) when (e is StoreAwayException or TimeoutException)
        {
            there = false;
        }
        await HealthAsync(context, there);
    }

    /// <summary>A SIM of 500 bytes that costs nothing to find or write: what the server's own pipeline allows at most.</summary>
    private static Task ConstantAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Constant.Length;
        return context.Response.Body.WriteAsync(Constant, 0, Constant.Length);
    }

    private static async Task OpenApiAsync(HttpContext context)
    {
        context.Response.Headers.AccessControlAllowOrigin = "*";
        await using var document = Assembly.GetExecutingAssembly().GetManifestResourceStream(context.Request.Path.Value![1..]);
        if (document is null)
        {
            await NotFoundAsync(context);
            return;
        }
        context.Response.ContentType = "application/json";
        await document.CopyToAsync(context.Response.Body);
    }

    private static Task NotFoundAsync(HttpContext context) => Problem.NotFound("This path").WriteAsync(context.Response);
}
