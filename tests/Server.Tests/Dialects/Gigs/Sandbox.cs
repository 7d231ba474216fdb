using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Gigs;

/// <summary>One sandbox for all tests of a class that change nothing, or only SIMs of their own.</summary>
public class Sandbox : IAsyncLifetime
{
    internal const string SimsPath = "/projects/sandbox/sims";

    internal TestServer Server { get; private set; } = null!;

    internal MovableTime Wall { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Server = await TestServer.StartAsync(Fleet.PromptCarriers, Wall);
        await FillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The SIMs that the tests of the class find there.</summary>
    protected virtual ValueTask FillAsync() => ValueTask.CompletedTask;
}
