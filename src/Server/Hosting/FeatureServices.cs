using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Simkeeper.Server.Hosting;

/// <summary>Registers a feature: the settings it reads, the services it adds, and its steps when the server opens.</summary>
internal sealed class FeatureServices(IServiceCollection services, Settings settings, Seams seams)
{
    private readonly List<Func<IServiceProvider, Task>> _openings = [];
    private readonly List<Func<Task>> _opened = [];
    private readonly Dictionary<Type, object> _read = [];

    public IServiceCollection Services => services;

    public Settings Settings => settings;

    public HttpSettings Http { get; } = new(settings);

    public HttpLimits Limits => field ??= new HttpLimits(settings);

    public SandboxSettings Sandbox => field ??= new SandboxSettings(settings, Http);

    public TelemetrySettings Telemetry => field ??= new TelemetrySettings(settings);

    public Seams Seams => seams;

    /// <summary>Registers settings, so that services can take them, and returns them.</summary>
    public T Add<T>(T read) where T : class
    {
        services.AddSingleton(read);
        _read[typeof(T)] = read;
        return read;
    }

    /// <summary>Gives the settings that an earlier feature has registered.</summary>
    public T Get<T>() where T : class => (T)_read[typeof(T)];

    /// <summary>
    /// Adds a step of the opening: after the services exist, before any worker or request. Steps run in the order of the features.
    /// </summary>
    public void Opening(Func<IServiceProvider, Task> step) => _openings.Add(step);

    /// <summary>Adds a step that runs once all steps of the opening have run, also if one of them failed.</summary>
    public void Opened(Func<Task> step) => _opened.Add(step);

    /// <summary>Starts a service with the server. The container disposes of it.</summary>
    public void Run<T>(Action<T> start) where T : class =>
        services.AddSingleton<IHostedService>(provider => new Started<T>(provider.GetRequiredService<T>(), start));

    /// <summary>Registers a service that a step of the opening makes. An earlier step must not ask for it.</summary>
    public static T Opened<T>(T? service) where T : class =>
        service ?? throw new InvalidOperationException($"{typeof(T).Name} is not opened yet.");

    /// <summary>Runs the steps of the opening.</summary>
    public async Task OpenAsync(IServiceProvider provider)
    {
        try
        {
            foreach (var step in _openings)
                await step(provider);
        }
        finally
        {
            foreach (var step in _opened)
                await step();
        }
    }

    private sealed class Started<T>(T part, Action<T> start) : IHostedService
    {
        public Task StartAsync(CancellationToken stop)
        {
            start(part);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken stop) => Task.CompletedTask;
    }
}
