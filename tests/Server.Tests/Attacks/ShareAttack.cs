using System.Net.Http.Headers;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Attacks;

/// <summary>One caller asks for so much at once that others would have to wait.</summary>
[Attack]
[SqliteOnly]
public sealed class ShareAttack
{
    private static readonly Guid A = new(1, 0, 0, new byte[8]), B = new(2, 0, 0, new byte[8]);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, string> Apis => new()
    {
        { "gigs", "/projects/sandbox/sims", "type", "tooManyRequests" },
        { "kore", "/v1/Sims", "code", "20429" },
        { "operator", "/operator/v1/sims", "code", "tooManyRequests" },
    };

    [Theory]
    [MemberData(nameof(Apis))]
    public async Task Lists_beyond_the_share_wait_and_are_refused_while_another_org_is_served(
        string api, string path, string member, string value)
    {
        var store = new HeldStore();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Http:ListsMax"] = "4",
            ["Http:ListsPerOrg"] = "1",
            ["Http:QueueTime"] = "200ms",
        }, seams: Seams.None with { Database = store.Of });
        var attacker = api switch { "gigs" => server.Gigs, "kore" => server.Kore, _ => server.Operator };
        var other = (await server.AccountAsync()).Kore;
        (await attacker.FetchAsync(path)).Is(200);
        (await other.FetchAsync("/v1/Sims")).Is(200);

        store.HoldReads();
        var asked = Enumerable.Range(0, 4).Select(_ => attacker.FetchAsync(path)).ToList();
        await store.HeldAsync(1);
        var others = other.FetchAsync("/v1/Sims");
        await store.HeldAsync(2);
        var refused = await await Task.WhenAny(asked);
        store.Release();

        Assert.Equal(value, refused.Is(429)[member]);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        (await others).Is(200);
        Assert.Contains(await Task.WhenAll(asked), answer => answer.Status == 200);
    }

    [Theory]
    [InlineData("PerKey")]
    [InlineData("PerAccount")]
    [InlineData("PerOrg")]
    [InlineData("Max")]
    public async Task Requests_beyond_a_limit_are_refused_after_a_while_and_served_once_there_is_room(string limit)
    {
        var store = new HeldStore();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Http:InFlight" + limit] = "1",
            ["Http:QueueTime"] = "300ms",
        }, seams: Seams.None with { Database = store.Of });
        var path = $"/v1/Sims/{await server.SimAsync()}";
        var other = (await server.AccountAsync()).Kore;
        var key = await server.KeyAsync("kore");
        var kore = limit == "PerKey" ? server.Kore : server.Basic(key.Id, key.Secret);
        (await kore.FetchAsync(path)).Is(200);
        (await other.FetchAsync("/v1/RatePlans/none")).Is(404);

        store.HoldReads();
        var busy = server.Kore.FetchAsync(path);
        await store.HeldAsync(1);
        var others = other.FetchAsync("/v1/RatePlans/none");
        if (limit == "Max")
            (await others).Is(429);
        else
            await store.HeldAsync(2);
        Assert.Equal("20429", (await kore.FetchAsync(path)).Is(429)["code"]);
        store.Release();

        (await busy).Is(200);
        (await others).Is(limit == "Max" ? 429 : 404);
        (await kore.FetchAsync(path)).Is(200);
    }

    [Fact]
    public async Task A_request_that_waits_is_served_when_its_turn_comes()
    {
        var store = new HeldStore();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Http:InFlightPerKey"] = "1",
            ["Http:QueueTime"] = "1m",
        }, seams: Seams.None with { Database = store.Of });
        var path = $"/v1/Sims/{await server.SimAsync()}";
        (await server.Kore.FetchAsync(path)).Is(200);
        store.HoldReads();
        var busy = server.Kore.FetchAsync(path);
        await store.HeldAsync(1);
        var waits = server.Kore.FetchAsync(path);

        store.Release();

        (await busy).Is(200);
        (await waits).Is(200);
    }

    [Fact]
    public async Task Callers_who_send_or_read_slowly_take_no_place()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Http:InFlightMax"] = "1",
            ["Http:ListsMax"] = "1",
            ["Http:QueueTime"] = "300ms",
        });
        await server.Operator.ImportSimsAsync(1000);
        var other = (await server.AccountAsync()).Kore;
        var key = "Authorization: " + Calls.Basic(TestServer.MasterSid, "sandbox-token");
        using var sends = await RawConnection.OpenAsync(server.Url);
        await sends.AskAsync("POST", "/v1/RatePlans", key, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 14",
            "Expect: 100-continue");
        Assert.Equal(100, (await sends.AnswerAsync()).Status);
        using var reads = await RawConnection.OpenAsync(server.Url, receives: 4096);
        // More answers than the machine keeps for a connection.
        for (var i = 0; i < 10; i++)
            await reads.AskAsync("GET", "/v1/Sims?PageSize=1000", key);
        await reads.BeginsAsync();

        for (var i = 0; i < 10; i++)
        {
            (await other.FetchAsync("/v1/RatePlans/none")).Is(404);
            (await other.FormAsync("/v1/RatePlans/none")).Is(404);
            (await other.FetchAsync("/v1/Sims")).Is(200);
        }

        await sends.SendAsync("UniqueName=abc");
        Assert.Equal(201, (await sends.AnswerAsync()).Status);
    }

    [Fact]
    public async Task Changes_that_wait_for_the_store_hold_up_no_reads()
    {
        var store = new HeldStore();
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Http:InFlightMax"] = "1",
            ["Http:QueueTime"] = "300ms",
        }, seams: Seams.None with { Database = store.Of });
        var path = $"/v1/Sims/{await server.SimAsync()}";
        var other = (await server.AccountAsync()).Kore;

        store.HoldChanges();
        var change = server.Kore.FormAsync(path, ("UniqueName", "waits"));
        await store.HeldAsync(1);
        (await server.Kore.FormAsync(path, ("UniqueName", "too"))).Is(429);
        (await server.Kore.FetchAsync(path)).Is(200);
        const string search = "/projects/sandbox/sims/search", asked = """{"iccid":"8988307000000000000"}""";
        (await server.Gigs.JsonAsync(search, asked)).Is(200);
        // It stores its answer.
        (await server.Gigs.JsonAsync(search, asked, ("Idempotency-Key", "one"))).Is(429);
        (await other.FetchAsync("/v1/RatePlans/none")).Is(404);
        store.Release();

        (await change).Is(200);
    }

    [Fact]
    public async Task Streams_and_imports_have_limits_of_their_own()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?>
        {
            ["Http:StreamsMax"] = "1",
            ["Http:ImportsMax"] = "1",
            ["Http:QueueTime"] = "100ms",
        });
        const string key = "Authorization: Bearer skop_sandbox", import = $"/operator/v1/accounts/{TestServer.MasterSid}/sims/import";
        using var stream = await server.Operator.GetAsync(
            "/operator/v1/stream", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var half = await RawConnection.OpenAsync(server.Url);
        await half.AskAsync("POST", import, key, "Content-Type: text/csv", "Content-Length: 1000", "Expect: 100-continue");
        Assert.Equal(100, (await half.AnswerAsync()).Status);

        (await server.Operator.FetchAsync("/operator/v1/stream")).Is(429);
        using var file = new StringContent("iccid\n");
        file.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        (await server.Operator.CallAsync(HttpMethod.Post, import, file)).Is(429);

        (await server.Operator.FetchAsync("/operator/v1/sims")).Is(200);
    }

    [Fact]
    public async Task Orgs_take_turns_and_so_do_the_keys_of_one()
    {
        var (one, two, other) = (new Party(A, A, A), new Party(A, A, B), new Party(B, B, B));
        using var places = OnePlace();
        Assert.True(await places.EnterAsync(one, Cancelled));
        var entered = new List<string>();
        async Task EnterAsync(string name, Party party)
        {
            Assert.True(await places.EnterAsync(party, Cancelled));
            lock (entered)
                entered.Add(name);
            places.Leave(party);
        }
        Task[] waiting =
        [
            EnterAsync("one 1", one), EnterAsync("one 2", one), EnterAsync("one 3", one), EnterAsync("two", two),
            EnterAsync("other 1", other), EnterAsync("other 2", other),
        ];

        places.Leave(one);
        await Task.WhenAll(waiting);

        Assert.Equal(["one 1", "other 1", "two", "other 2", "one 2", "one 3"], entered);
        Assert.Equal(0, places.InFlight);
    }

    [Fact]
    public async Task Whoever_has_gone_while_waiting_takes_no_place()
    {
        var party = new Party(A, A, A);
        using var gone = new CancellationTokenSource();
        using var places = OnePlace();
        Assert.True(await places.EnterAsync(party, Cancelled));
        var first = places.EnterAsync(party, gone.Token).AsTask();
        var second = places.EnterAsync(party, Cancelled).AsTask();
        await gone.CancelAsync();

        places.Leave(party);

        Assert.False(await first);
        Assert.True(await second);
    }

    private static Places OnePlace() =>
        new(new PlaceLimits(1, 1), TimeSpan.FromMinutes(1), new Neighbours(TimeProvider.System), TimeProvider.System);

    /// <summary>Holds the reads of the store that come from requests, callers excepted, or all changes.</summary>
    private sealed class HeldStore
    {
        private volatile TaskCompletionSource? _reads, _changes;
        private int _count;

        public int Held => Volatile.Read(ref _count);

        /// <summary>Waits until as many are held.</summary>
        public Task<int> HeldAsync(int count) => Calls.UntilAsync(() => Task.FromResult(Held), held => held >= count);

        public Database Of(Database inner) => new Holding(inner, this);

        public void HoldReads() => _reads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void HoldChanges() => _changes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release()
        {
            var (reads, changes) = (_reads, _changes);
            (_reads, _changes) = (null, null);
            reads?.SetResult();
            changes?.SetResult();
        }

        private async ValueTask WaitAsync(TaskCompletionSource held)
        {
            Interlocked.Increment(ref _count);
            await held.Task;
        }

        private sealed class Holding(Database inner, HeldStore store) : Database
        {
            public override async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work)
            {
                if (store._reads is { } held && typeof(T).FullName!.Contains("Sim", StringComparison.Ordinal)
                    && typeof(T) != typeof(Simkeeper.Server.Accounts.Caller))
                {
                    await store.WaitAsync(held);
                }
                return await inner.ReadAsync(work);
            }

            public override async Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work)
            {
                if (store._changes is { } held)
                    await store.WaitAsync(held);
                return await inner.WriteAsync(work);
            }

            public override ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
