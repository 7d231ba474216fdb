using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

public sealed class EventVersionTests
{
    [Theory]
    [InlineData(null, "2026-01-29")]
    [InlineData("2024-12-20", "2024-12-20")]
    public async Task An_event_names_the_version_of_the_API_that_it_is_written_in(string? setting, string version)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var server = await TestServer.StartAsync(
            setting is null ? null : new Dictionary<string, string?> { ["Gigs:EventVersion"] = setting });
        await server.HookAsync(receiver.Url);

        await server.SimAsync("test");

        Assert.Equal(version, (await receiver.GotAsync(1))[0].Event().Text("version"));
    }
}
