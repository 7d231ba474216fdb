using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Carriers;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Commands;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Dialects.Kore;
using Simkeeper.Server.Feeds;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Operations;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Usage;

namespace Simkeeper.Server;

/// <summary>The server: the list of its features, and how it starts and stops.</summary>
internal sealed class App : IAsyncDisposable
{
    private readonly WebApplication _web;

    private App(WebApplication web) => _web = web;

    /// <summary>Every feature. Each uses only those above it.</summary>
    private static IFeature[] Features =>
    [
        new HostingFeature(), new StorageFeature(), new ClockFeature(), new JobsFeature(), new AccountsFeature(), new CarriersFeature(),
        new SimsFeature(), new OperationsFeature(), new UsageFeature(), new CommandsFeature(), new FeedsFeature(), new DeliveriesFeature(),
        new OperatorFeature(), new KoreFeature(), new GigsFeature(),
    ];

    /// <summary>The first address it listens on.</summary>
    public Uri Url => new(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public IServiceProvider Services => _web.Services;

    /// <summary>Runs the server until it is stopped; this is <c>simkeeper serve</c>.</summary>
    /// <param name="options">Settings given on the command line, by name.</param>
    /// <param name="listening">Called once it listens, with its first address.</param>
    /// <exception cref="StartException">It cannot start.</exception>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> options, Action<Uri> listening, CancellationToken stop)
    {
        // Reads of the embedded store keep their threads busy. Without more threads than processors, a short request waits for long ones.
        ThreadPool.SetMinThreads(Math.Max(8, 4 * Environment.ProcessorCount), Environment.ProcessorCount);
        await using var app = await StartAsync(Configuration(options), TimeProvider.System, logging => logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        }));
        listening(app.Url);
        // A start leaves garbage that an idle server would hold until its first collection, hours later.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        await ((IHost)app._web).WaitForShutdownAsync(stop);
        return 0;
    }

    /// <summary>Settings as <c>serve</c> reads them here: simkeeper.json, over it the environment, over that the options.</summary>
    public static IConfigurationRoot Configuration(IReadOnlyDictionary<string, string?> options) => new ConfigurationBuilder()
        .AddJsonFile(Path.GetFullPath("simkeeper.json"), optional: true)
        .AddEnvironmentVariables("SIMKEEPER__")
        .AddInMemoryCollection(options)
        .Build();

    /// <summary>Starts a server and returns when it is ready.</summary>
    /// <param name="seams">The places where a test stands between the server and the outside.</param>
    /// <exception cref="StartException">It cannot start.</exception>
    public static async Task<App> StartAsync(
        IConfiguration configuration, TimeProvider wall, Action<ILoggingBuilder> logging, Seams? seams = null)
    {
        Descriptors.Raise();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var to = new FeatureServices(builder.Services, new Settings(configuration), seams ?? Seams.None);
        var features = Features;
        foreach (var feature in features)
            feature.Add(to);
        to.Settings.RefuseUnknown();
        builder.Services.AddSingleton(wall).AddRouting();
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.HttpLogging", LogLevel.Information).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging(builder.Logging);
        if (to.Telemetry.OtlpEndpoint is not null)
            Export.AddLog(builder.Logging, to.Telemetry);
        builder.WebHost.UseKestrelCore().UseUrls([.. to.Http.Urls]).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = to.Http.BodyBytesMax;
            kestrel.Limits.KeepAliveTimeout = to.Limits.IdleTime;
            kestrel.Limits.RequestHeadersTimeout = to.Limits.HeadersTime;
            kestrel.Limits.MinRequestBodyDataRate = HttpLimits.SlowestBody;
            kestrel.Limits.MinResponseDataRate = HttpLimits.Slowest;
        });
        builder.Services.AddSingleton<IConnectionListenerFactory, Listeners>();
        var app = new App(builder.Build());
        try
        {
            await app.StartAsync(to, features);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the settings of every feature without starting any: for the documentation.</summary>
    public static Settings ReadSettings(IConfiguration configuration)
    {
        var to = new FeatureServices(new ServiceCollection(), new Settings(configuration), Seams.None);
        foreach (var feature in Features)
            feature.Add(to);
        to.Settings.RefuseUnknown();
        return to.Settings;
    }

    /// <summary>Lets requests and work that are under way end, and closes the store last.</summary>
    public async ValueTask DisposeAsync()
    {
        await ((IHost)_web).StopAsync();
        await _web.DisposeAsync();
    }

    private async Task StartAsync(FeatureServices to, IFeature[] features)
    {
        await to.OpenAsync(_web.Services);
        var answers = _web.Services.GetRequiredService<JobSettings>().Answers;
        foreach (var feature in features)
        {
            if (answers || feature is StorageFeature)
                feature.Map(_web);
        }
        _web.UseRouting().UseEndpoints(_ => { });
        _web.Run(context => Problem.NotFound("This path").WriteAsync(context.Response));
        try
        {
            await _web.StartAsync();
        }
        catch (IOException e)
        {
            throw new StartException($"Cannot listen on {string.Join(';', to.Http.Urls)}: {e.Message}", e);
        }
        _web.Services.GetRequiredService<ILogger>().LogInformation("Simkeeper listens on {Url}.", Url);
    }
}
