using System.Text;
using Npgsql;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>A store that fails while it is in use, and one that is late.</summary>
[Attack]
public sealed class StoreFailsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_import_in_whose_midst_the_store_fails_says_so_in_its_last_line()
    {
        var store = new FailingStore();
        await using var server = await TestServer.StartAsync(seams: Seams.None with { Database = store.Of });
        var rows = string.Concat(Enumerable.Range(0, 1600).Select(_ => $"{Fleet.Iccid()},test\n"));
        store.FailsAfter(2);

        using var file = new StringContent("iccid,provider\n" + rows, Encoding.UTF8, "text/csv");
        var answer = await server.Operator.CallAsync(
            HttpMethod.Post, $"/operator/v1/accounts/{TestServer.MasterSid}/sims/import", file);

        var last = System.Text.Json.JsonDocument.Parse(answer.Is(200).Text.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal("storeAway", last.GetProperty("error").GetProperty("code").GetString());
        var imported = last.GetProperty("imported").GetInt32();
        Assert.InRange(imported, 1, 1599);
        store.IsThere();
        var again = await server.ImportAsync("iccid,provider\n" + rows);
        Assert.InRange(again[^1].GetProperty("present").GetInt32(), imported, 1599);
        Assert.False(again[^1].TryGetProperty("error", out _));
    }

    [Theory]
    [SqliteOnly]
    [InlineData("53100")]
    [InlineData("58030")]
    public async Task A_full_or_failing_disk_of_PostgreSQL_is_a_store_that_is_away(string state)
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        await using var server = await TestServer.StartAsync(
            new Dictionary<string, string?> { ["Storage:Database"] = database.ConnectionString });
        var sim = await server.SimAsync("test");
        await ExecuteAsync(database, $"""
            create function fail() returns trigger language plpgsql as $$ begin raise 'no room' using errcode = '{state}'; end $$;
            create trigger fail before update on sims for each row execute function fail();
            """);

        Assert.Equal("20503", (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "x"))).Is(503)["code"]);

        await ExecuteAsync(database, "drop trigger fail on sims");
        (await server.Kore.FormAsync($"/v1/Sims/{sim}", ("FriendlyName", "x"))).Is(200);
    }

    [Fact]
    [SqliteOnly]
    public async Task A_server_waits_for_a_PostgreSQL_that_starts_later()
    {
        await using var database = await PostgresServer.StartAsync();
        await database.StopAsync();
        var settings = new Dictionary<string, string?> { ["Storage:Database"] = database.ConnectionString };

        var starting = TestServer.StartAsync(settings);
        await Task.Delay(TimeSpan.FromSeconds(2), Stop);
        await database.StartAgainAsync();

        await using var server = await starting.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        (await server.Anonymous.FetchAsync("/health/ready")).Is(200);
    }

    [Fact]
    [SqliteOnly]
    public async Task A_server_that_waits_in_vain_for_PostgreSQL_says_so()
    {
        using var nowhere = new TestFolder();

        var refused = await Assert.ThrowsAsync<StartException>(() => TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Storage:Database"] = $"Host={nowhere.Path};Username=simkeeper",
            ["Storage:StartPatience"] = "1s",
        }));

        Assert.Contains("PostgreSQL cannot be reached", refused.Message, StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(TestDatabase database, string statements)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Stop);
        await using var command = new NpgsqlCommand(statements, connection);
        await command.ExecuteNonQueryAsync(Stop);
    }

    /// <summary>A store that is away after so many writes.</summary>
    private sealed class FailingStore
    {
        private int _left = int.MaxValue;

        public void FailsAfter(int writes) => Volatile.Write(ref _left, writes);

        public void IsThere() => FailsAfter(int.MaxValue);

        public Database Of(Database inner) => new Failing(inner, this);

        private sealed class Failing(Database inner, FailingStore store) : Database
        {
            public override bool IsShared => inner.IsShared;

            public override ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work) => inner.ReadAsync(work);

            public override Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work) => Interlocked.Decrement(ref store._left) >= 0
                ? inner.WriteAsync(work)
                : Task.FromException<T>(new StoreAwayException(new IOException("The disk is full.")));

            public override Task<IAsyncDisposable> EnterAsync(Section section) => inner.EnterAsync(section);

            public override DateTimeOffset Time(TimeProvider wall) => inner.Time(wall);

            public override ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
