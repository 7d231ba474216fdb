using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Jobs;

public sealed class UnknownKindTests
{
    [Fact]
    public async Task A_job_of_a_kind_that_only_a_newer_server_knows_is_run_by_none_stays_and_is_logged_once()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Jobs:Lease"] = "1s" });
        var sim = await server.SimAsync("test");
        await server.FreezeAsync();
        await server.AskAsync(sim, "deactivated");
        await server.AdvanceAsync("1m");
        Assert.Equal("deactivated", await server.ShownAsync(sim));
        Store.Execute(server, "update jobs set kind = 'tomorrow' where kind = 'timer'");

        await server.AdvanceAsync("80h");
        string Lease() => string.Join(',', Store.Rows(server, "select coalesce(lease_until, 0) from jobs where kind = 'tomorrow'"));
        for (var claims = 0; claims < 3; claims++)
        {
            var before = Lease();
            Assert.NotEqual("", before);
            await Calls.UntilAsync(() => Task.FromResult(Lease()), lease => lease != before);
        }

        Assert.Equal("deactivated", await server.ShownAsync(sim));
        Assert.Single(server.Log.Lines, line => line.Contains("tomorrow", StringComparison.Ordinal));
    }
}
