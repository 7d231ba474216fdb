using Microsoft.Data.Sqlite;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

public sealed class StoreAwayTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_store_is_away_every_API_says_503_in_its_own_shape_and_comes_back_by_itself()
    {
        var store = new Outage();
        await using var server = await TestServer.StartAsync(seams: Seams.None with { Database = inner => store.Of(inner) });
        var esim = (await server.Gigs.FetchAsync("/projects/sandbox/sims")).Is(200).Items
            .First(sim => sim.GetProperty("type").GetString() == "eSIM").GetProperty("id").GetString();
        var sid = (await server.Kore.FetchAsync("/v1/Sims?PageSize=1")).Is(200).Json.GetProperty("sims")[0].GetProperty("sid").GetString();
        (await server.Operator.FetchAsync("/operator/v1/sims?limit=1")).Is(200);
        var qrCode = new Uri((await server.Gigs.FetchAsync($"/projects/sandbox/sims/{esim}/credentials"))
            .Is(200)["qrCodeUrl"]!).AbsolutePath;
        (await server.Anonymous.FetchAsync("/health/ready")).Is(200);

        store.IsAway = true;

        Assert.Equal("serviceUnavailable", (await server.Gigs.FetchAsync("/projects/sandbox/sims")).Is(503)["type"]);
        Assert.Equal("20503", (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("FriendlyName", "x"))).Is(503)["code"]);
        var token = await server.Anonymous.FormAsync("/api-services/v1/auth/token",
            ("grant_type", "client_credentials"), ("client_id", "unknown to this server yet"), ("client_secret", "sandbox-secret"));
        Assert.Equal("20503", token.Is(503)["code"]);
        Assert.Equal("20503", (await server.Kore.FetchAsync("/v1/secrets")).Is(503)["code"]);
        Assert.Equal("storeAway", (await server.Operator.FetchAsync("/operator/v1/sims")).Is(503)["code"]);
        (await server.Anonymous.FetchAsync(qrCode)).Is(503);
        (await server.Anonymous.FetchAsync("/health/ready")).Is(503);
        (await server.Anonymous.FetchAsync("/health/live")).Is(200);
        Assert.Equal(TimeSpan.FromSeconds(1), (await server.Kore.FetchAsync("/v1/Sims")).Headers.RetryAfter?.Delta);

        store.IsAway = false;

        (await server.Anonymous.FetchAsync("/health/ready")).Is(200);
        (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("FriendlyName", "x"))).Is(200);
    }

    [Fact]
    [SqliteOnly]
    public async Task While_another_program_keeps_the_data_file_locked_a_change_is_503_in_time_and_works_again_afterwards()
    {
        await using var server = await TestServer.StartAsync();
        var sim = await server.SimAsync();
        await using var other = new SqliteConnection($"Data Source={Path.Combine(server.Data, "simkeeper.db")};Pooling=False");
        await other.OpenAsync(Cancelled);
        await using (var lockIt = other.CreateCommand())
        {
            lockIt.CommandText = "begin immediate";
            await lockIt.ExecuteNonQueryAsync(Cancelled);
        }

        var changes = Enumerable.Range(0, 20).Select(i => server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", $"{i}"))).ToList();
        var answers = await Task.WhenAll(changes).WaitAsync(TimeSpan.FromSeconds(20), Cancelled);

        Assert.All(answers, answer => Assert.Equal("20503", answer.Is(503)["code"]));
        await other.CloseAsync();
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "x"))).Is(200);
    }

    /// <summary>A store that can be cut off.</summary>
    private sealed class Outage
    {
        public volatile bool IsAway;

        public Database Of(Database inner) => new CutOff(inner, this);

        private sealed class CutOff(Database inner, Outage outage) : Database
        {
            public override ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work) =>
                outage.IsAway ? throw new StoreAwayException(new IOException("cut off")) : inner.ReadAsync(work);

            public override Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work) =>
                outage.IsAway ? throw new StoreAwayException(new IOException("cut off")) : inner.WriteAsync(work);

            public override ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
