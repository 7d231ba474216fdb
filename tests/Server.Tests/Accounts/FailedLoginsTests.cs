using System.Net.Http.Headers;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Tests.Support;
using static Simkeeper.Server.Tests.Support.Calls;

namespace Simkeeper.Server.Tests.Accounts;

/// <summary>Somebody who guesses credentials gets few guesses. The address of a request is the one that a trusted proxy names.</summary>
[SqliteOnly]
public sealed class FailedLoginsTests : IAsyncLifetime
{
    private const string Gigs = "/projects/sandbox/sims", Kore = "/v1/Sims", Operator = "/operator/v1/clock",
        Token = "/api-services/v1/auth/token";
    private readonly MovableTime _wall = new();
    private readonly Reads _reads = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(
        new Dictionary<string, string?>
        {
            ["Accounts:FailuresPerAddress"] = "4",
            ["Accounts:FailuresPerCredential"] = "3",
            ["Http:TrustedProxies"] = "127.0.0.1,::1",
        },
        _wall, Seams.None with { Database = _reads.Of });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_address_has_so_many_failures_a_minute_and_then_waits_while_others_do_not()
    {
        for (var i = 0; i < 4; i++)
            await IsAsync(401, Gigs, "192.0.2.1", Bearer($"gpk_{i}"));

        var retryAfter = await IsAsync(429, Gigs, "192.0.2.1", Bearer("gpk_5"));
        await IsAsync(401, Gigs, "192.0.2.2", Bearer("gpk_6"));
        _wall.Pass(retryAfter!.Value);

        await IsAsync(401, Gigs, "192.0.2.1", Bearer("gpk_7"));
    }

    [Fact]
    public async Task Every_API_says_so_in_its_own_shape()
    {
        for (var i = 0; i < 4; i++)
            await IsAsync(401, Operator, "192.0.2.1", Bearer($"skop_{i}"));

        (string Path, AuthenticationHeaderValue Wrong, string Member, string Value)[] apis =
        [
            (Gigs, Bearer("gpk_x"), "type", "tooManyRequests"),
            (Kore, Basic("SK1", "x"), "code", "20429"),
            (Kore, Bearer("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x"), "code", "20429"),
            (Operator, Bearer("skop_x"), "code", "tooManyRequests"),
            (Token, Basic("client", "x"), "code", "20429"),
        ];
        foreach (var (path, wrong, member, value) in apis)
        {
            var answer = await SendAsync(path, "192.0.2.1", wrong);
            Assert.Equal(value, answer.Is(429)[member]);
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        }
    }

    [Theory]
    [InlineData(TestServer.MasterSid)]
    [InlineData("AC99999999999999999999999999999999")]
    public async Task An_id_has_so_many_failures_a_minute_wherever_they_come_from_and_whether_it_exists_or_not(string id)
    {
        for (var i = 0; i < 3; i++)
            await IsAsync(401, Kore, $"192.0.2.{i}", Basic(id, $"{i}"));

        await IsAsync(429, Kore, "192.0.2.99", Basic(id, "sandbox-token"));
        await IsAsync(401, Kore, "192.0.2.99", Basic("AC77777777777777777777777777777777", "x"));
    }

    [Fact]
    public async Task Whoever_has_to_wait_learns_nothing_about_a_right_credential_and_costs_no_read_of_the_store()
    {
        for (var i = 0; i < 4; i++)
            await IsAsync(401, Gigs, "192.0.2.1", Bearer($"gpk_{i}"));
        var before = _reads.Count;

        await IsAsync(429, Gigs, "192.0.2.1", Bearer("gpk_sandbox"));
        await IsAsync(429, Gigs, "192.0.2.1", Bearer("gpk_x"));

        Assert.Equal(before, _reads.Count);
        await IsAsync(200, Gigs, "192.0.2.2", Bearer("gpk_sandbox"));
    }

    [Fact]
    public async Task Whoever_has_logged_in_before_is_let_in_whatever_others_of_the_same_address_guess_and_also_after_a_revocation()
    {
        var key = (await _server.Operator.JsonAsync("/operator/v1/operator-keys", "{}")).Is(201);
        await IsAsync(200, Gigs, "192.0.2.1", Bearer("gpk_sandbox"));
        await IsAsync(200, Operator, "192.0.2.1", Bearer(key["secret"]!));
        for (var i = 0; i < 4; i++)
            await IsAsync(401, Gigs, "192.0.2.1", Bearer($"gpk_{i}"));
        await IsAsync(200, Gigs, "192.0.2.1", Bearer("gpk_sandbox"));

        (await _server.Operator.DropAsync($"/operator/v1/operator-keys/{key["id"]}")).Is(204);

        await IsAsync(200, Gigs, "192.0.2.1", Bearer("gpk_sandbox"));
        await IsAsync(401, Operator, "192.0.2.1", Bearer(key["secret"]!));
        await IsAsync(429, Operator, "192.0.2.1", Bearer(key["secret"]!));
    }

    [Fact]
    public async Task Addresses_of_one_IPv6_network_of_64_bits_count_as_one()
    {
        for (var i = 0; i < 4; i++)
            await IsAsync(401, Gigs, $"2001:db8:0:1::{i}", Bearer($"gpk_{i}"));

        await IsAsync(429, Gigs, "2001:db8:0:1:ffff::1", Bearer("gpk_x"));
        await IsAsync(401, Gigs, "2001:db8:0:2::1", Bearer("gpk_x"));
    }

    private async Task<TimeSpan?> IsAsync(int status, string path, string address, AuthenticationHeaderValue credential) =>
        (await SendAsync(path, address, credential)).Is(status).Headers.RetryAfter?.Delta;

    private Task<Answer> SendAsync(string path, string address, AuthenticationHeaderValue credential)
    {
        var form = path == Token ? new FormUrlEncodedContent([new("grant_type", "client_credentials")]) : null;
        return _server.Anonymous.CallAsync(form is null ? HttpMethod.Get : HttpMethod.Post, path, form,
            ("Authorization", credential.ToString()), ("X-Forwarded-For", address));
    }

    /// <summary>Counts the reads of the store that look for a caller.</summary>
    private sealed class Reads
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public Database Of(Database inner) => new Counted(inner, this);

        private sealed class Counted(Database inner, Reads reads) : Database
        {
            public override ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> work)
            {
                if (typeof(T) == typeof(Simkeeper.Server.Accounts.Caller))
                    Interlocked.Increment(ref reads._count);
                return inner.ReadAsync(work);
            }

            public override Task<T> WriteAsync<T>(Func<Session, ValueTask<T>> work) => inner.WriteAsync(work);

            public override ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
