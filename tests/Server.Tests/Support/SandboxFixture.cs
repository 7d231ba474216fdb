namespace Simkeeper.Server.Tests.Support;

/// <summary>One sandbox for the tests of a class; each test works on SIMs and accounts of its own.</summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
