using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Storage;

/// <summary>Requests that arrive together on PostgreSQL, whose transactions run side by side, keep what one request alone keeps.</summary>
[SqliteOnly]
public sealed class RacesTests : IAsyncLifetime
{
    private const int Rounds = 20;
    private TestDatabase _database = null!;
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Storage:Database"] = _database.ConnectionString,
            ["Accounts:SubaccountsMax"] = "3",
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task An_account_has_one_active_and_at_most_one_pending_webhook_secret_however_many_are_made_at_once()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var account = await _server.AccountAsync();
            var made = await TogetherAsync(6, i => account.Kore.JsonAsync("/v1/secrets", $$"""{"Name":"{{i}}"}"""));

            Assert.All(made, answer => answer.Is(201));
            Assert.Equal(["active|1", "pending|1"], await StatusesAsync(account));
        }
    }

    [Fact]
    public async Task A_pending_webhook_secret_that_is_activated_while_another_is_made_leaves_one_active()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var account = await _server.AccountAsync();
            (await account.Kore.JsonAsync("/v1/secrets", """{"Name":"first"}""")).Is(201);
            var pending = (await account.Kore.JsonAsync("/v1/secrets", """{"Name":"second"}""")).Is(201)["id"];
            await TogetherAsync(4, i => i == 0
                ? account.Kore.CallAsync("PATCH", $"/v1/secrets/{pending}", """{"Status":"active"}""")
                : account.Kore.JsonAsync("/v1/secrets", """{"Name":"further"}"""));

            Assert.Equal(["active|1", "pending|1"], await StatusesAsync(account));
        }
    }

    [Fact]
    public async Task Two_who_rename_a_rate_plan_at_once_do_not_take_back_each_other_s_name()
    {
        var account = await _server.AccountAsync();
        var plan = (await account.Kore.FormAsync("/v1/RatePlans")).Is(201)["sid"];
        for (var round = 0; round < Rounds; round++)
        {
            var (unique, friendly) = ($"unique-{round}", $"Friendly {round}");
            var renamed = await TogetherAsync(2, i => account.Kore.FormAsync(
                $"/v1/RatePlans/{plan}", i == 0 ? ("UniqueName", unique) : ("FriendlyName", friendly)));

            Assert.All(renamed, answer => answer.Is(200));
            var now = (await account.Kore.FetchAsync($"/v1/RatePlans/{plan}")).Is(200);
            Assert.Equal((unique, friendly), (now["unique_name"], now["friendly_name"]));
        }
    }

    [Fact]
    public async Task Subaccounts_that_are_made_at_once_are_no_more_than_are_allowed()
    {
        var account = await _server.AccountAsync();

        var made = await TogetherAsync(12, i => account.Kore.FormAsync("/2010-04-01/Accounts", ("FriendlyName", $"{i}")));

        Assert.Equal((3, 9), (made.Count(answer => answer.Status == 201), made.Count(answer => answer.Status == 409)));
    }

    [Fact]
    public async Task Webhook_endpoints_that_are_made_at_once_are_no_more_than_are_allowed()
    {
        var account = await _server.AccountAsync();

        var made = await TogetherAsync(70, i => _server.Operator.JsonAsync("/operator/v1/webhook-endpoints",
            $$"""{"account":"{{account.Sid}}","url":"http://127.0.0.1:9/{{i}}","events":["*"]}"""));

        Assert.Equal((50, 20), (made.Count(answer => answer.Status == 201), made.Count(answer => answer.Status == 409)));
    }

    private Task<IReadOnlyList<string>> StatusesAsync(OwnAccount account) => _database.RowsAsync(
        $"select status, count(*) from webhook_secrets where account_id = '{Guid.Parse(account.Sid[2..])}' "
        + "group by status order by status");

    private static Task<Answer[]> TogetherAsync(int count, Func<int, Task<Answer>> call) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => call(i))));
}
