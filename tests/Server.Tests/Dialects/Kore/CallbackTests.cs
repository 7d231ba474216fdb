using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Dialects.Kore;

public sealed class CallbackTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string MasterToken = "sandbox-token";

    private TestServer Server => sandbox.Server;

    [Fact]
    public async Task A_POST_carries_exactly_the_documented_parameters_and_is_signed()
    {
        await using var receiver = await Receiver.StartAsync();
        var sid = await Server.SimAsync("test", TestServer.MasterSid, ("unique_name", "Pümpe 7 & more"));

        (await Server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("Status", "ready"), ("RatePlan", "sandbox-plan"), ("CallbackUrl", $"{receiver.Url}/hook?a=1&b=2#part"))).Is(202);

        var got = (await receiver.GotAsync(1))[0];
        Assert.Equal(("POST", $"{receiver.Url}/hook?a=1&b=2"), (got.Method, got.Url));
        Assert.Equal("application/x-www-form-urlencoded", got.Headers["Content-Type"]);
        Assert.Equal(
            $"SimSid={sid}&SimUniqueName=P%C3%BCmpe%207%20%26%20more&SimStatus=ready&ApiVersion=v1&AccountSid={TestServer.MasterSid}",
            got.Body);
        var signed = $"{receiver.Url}/hook?a=1&b=2"
            + $"AccountSid{TestServer.MasterSid}ApiVersionv1SimSid{sid}SimStatusreadySimUniqueNamePümpe 7 & more";
        Assert.Equal(Signature(MasterToken, signed), got.Headers["X-Twilio-Signature"]);
        Assert.True(Guid.TryParse(got.Headers["kore-idempotency-token"], out _));
        Assert.True(DateTimeOffset.TryParse(got.Headers["Date"], out _));
    }

    [Fact]
    public async Task A_GET_carries_them_in_the_query_and_its_URL_is_signed()
    {
        await using var receiver = await Receiver.StartAsync();
        var sid = await Server.SimAsync("test");

        (await Server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("Status", "deactivated"), ("CallbackUrl", $"{receiver.Url}/hook?a=1"), ("CallbackMethod", "GET"))).Is(202);

        var got = (await receiver.GotAsync(1))[0];
        Assert.Equal(
            ("GET", $"{receiver.Url}/hook?a=1&SimSid={sid}&SimUniqueName=&SimStatus=deactivated"
                + $"&ApiVersion=v1&AccountSid={TestServer.MasterSid}", ""),
            (got.Method, got.Url, got.Body));
        Assert.Equal(Signature(MasterToken, got.Url), got.Headers["X-Twilio-Signature"]);
    }

    [Theory]
    [InlineData("", "/")]
    [InlineData("?q=1", "/?q=1")]
    [InlineData("/p?x=%7Ea%41b", "/p?x=~aAb")]
    [InlineData("/ä?x=ü", "/%C3%A4?x=%C3%BC")]
    [InlineData("/?x=a|b\"c", "/?x=a%7Cb%22c")]
    [InlineData("/a/../b?#part", "/b?")]
    public async Task However_a_URL_is_written_what_the_receiver_sees_is_signed(string given, string seen)
    {
        var targets = new ConcurrentQueue<string>();
        await using var receiver = await Receiver.StartAsync((_, context) =>
        {
            targets.Enqueue(context.Features.Get<IHttpRequestFeature>()!.RawTarget);
            return Task.CompletedTask;
        });
        var sid = await Server.SimAsync("test");

        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"), ("CallbackUrl", receiver.Url + given))).Is(200);
        var posted = (await receiver.GotAsync(1))[0];
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("Status", "new"), ("CallbackUrl", receiver.Url.ToUpperInvariant() + given), ("CallbackMethod", "GET"))).Is(200);
        var got = (await receiver.GotAsync(2))[1];

        var form = $"AccountSid{TestServer.MasterSid}ApiVersionv1SimSid{sid}SimStatusnewSimUniqueName";
        Assert.Equal(seen, targets.First());
        Assert.Equal(Signature(MasterToken, receiver.Url + seen + form), posted.Headers["X-Twilio-Signature"]);
        Assert.StartsWith(seen, targets.Last());
        Assert.Equal(Signature(MasterToken, receiver.Url + targets.Last()), got.Headers["X-Twilio-Signature"]);
    }

    [Fact]
    public async Task A_subaccounts_callback_is_signed_with_its_own_token_whoever_asked()
    {
        await using var receiver = await Receiver.StartAsync();
        var sid = await Server.SimAsync("test", TestServer.SubaccountSid);

        (await Server.Kore.FormAsync($"/v1/Sims/{sid}",
            ("Status", "deactivated"), ("CallbackUrl", receiver.Url + "/"), ("CallbackMethod", "get"))).Is(202);

        var got = (await receiver.GotAsync(1))[0];
        Assert.Contains($"AccountSid={TestServer.SubaccountSid}", got.Url);
        Assert.Equal(Signature("sandbox-token-2", got.Url), got.Headers["X-Twilio-Signature"]);
    }

    [Fact]
    public async Task What_is_applied_at_once_and_what_holds_already_call_back_too()
    {
        await using var receiver = await Receiver.StartAsync();
        var sid = await Server.SimAsync();

        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("RatePlan", "sandbox-plan"), ("CallbackUrl", receiver.Url + "/plan"))).Is(200);
        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"), ("CallbackUrl", receiver.Url + "/same"))).Is(200);

        var got = await receiver.GotAsync(2);
        Assert.Equal(["/plan", "/same"], got.Select(request => new Uri(request.Url).AbsolutePath).Order());
        Assert.All(got, request => Assert.Contains("SimStatus=new&", request.Body));
        Assert.Equal(2, Store.Rows(Server, "select 1 from events where sim_id = $sim", sid).Count);
    }

    [Fact]
    public async Task A_callback_that_fails_is_tried_again_with_the_same_content_and_every_attempt_is_kept()
    {
        var time = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: time);
        await using var receiver = await Receiver.StartAsync((number, context) =>
        {
            context.Response.StatusCode = number switch { 1 => 500, 2 => 302, _ => 204 };
            return context.Response.WriteAsync(number < 3 ? "not now" : "");
        });
        var sid = await server.SimAsync();

        (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"), ("CallbackUrl", receiver.Url))).Is(200);

        await server.AttemptsAsync(sid, 1);
        time.Move(TimeSpan.FromSeconds(6));
        await server.AttemptsAsync(sid, 2);
        time.Move(TimeSpan.FromMinutes(6));
        var attempts = await server.AttemptsAsync(sid, 3);
        Assert.Equal(
            ["1|500|not now|The receiver answered 500.", "2|302|not now|The receiver answered 302.", "3|204||"], attempts);
        Assert.Equal(["delivered|3"], Store.Rows(server, "select state, attempts from deliveries where sim_id = $sim", sid));
        var got = receiver.All;
        Assert.Equal(3, got.Count);
        Assert.Single(got.Select(request =>
            (request.Body, request.Headers["kore-idempotency-token"], request.Headers["X-Twilio-Signature"])).Distinct());
    }

    [Fact]
    public async Task A_receiver_that_nobody_runs_is_an_attempt_too()
    {
        var receiver = await Receiver.StartAsync();
        var url = receiver.Url;
        await receiver.DisposeAsync();
        var sid = await Server.SimAsync();

        (await Server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"), ("CallbackUrl", url))).Is(200);

        Assert.Equal(["1|||The receiver could not be reached (ConnectionError)."], await Server.AttemptsAsync(sid, 1));
        Assert.Equal(["pending"], Store.Rows(Server, "select state from deliveries where sim_id = $sim", sid));
    }

    [Fact]
    public async Task A_receiver_that_says_200_and_never_comes_to_an_end_has_got_it()
    {
        await using var server = await TestServer.StartAsync(new Dictionary<string, string?> { ["Deliveries:Timeout"] = "500ms" });
        await using var receiver = await Receiver.StartAsync(async (_, context) =>
        {
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        });
        var sid = await server.SimAsync();

        (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "new"), ("CallbackUrl", receiver.Url))).Is(200);

        Assert.Equal(["1|200|half|"], await server.AttemptsAsync(sid, 1));
        Assert.Equal(["delivered"], Store.Rows(server, "select state from deliveries where sim_id = $sim", sid));
    }

    [Fact]
    public async Task A_receiver_slower_than_the_lease_of_a_job_gets_a_callback_once()
    {
        await using var server = await TestServer.StartAsync();
        var goOn = new TaskCompletionSource();
        await using var slow = await Receiver.StartAsync((_, _) => goOn.Task);
        await using var other = await Receiver.StartAsync();
        var (first, second) = (await server.SimAsync(), await server.SimAsync());
        (await server.Kore.FormAsync($"/v1/Sims/{first}", ("Status", "new"), ("CallbackUrl", slow.Url))).Is(200);
        await slow.GotAsync(1);

        // The lease is over, and the next claim finds the job free.
        Store.Execute(server, "update jobs set lease_until = lease_until - 60000 where lease_until is not null");
        (await server.Kore.FormAsync($"/v1/Sims/{second}", ("Status", "new"), ("CallbackUrl", other.Url))).Is(200);
        await other.GotAsync(1);
        goOn.SetResult();

        await server.AttemptsAsync(first, 1);
        Assert.Single(slow.All);
    }

    [Fact]
    public async Task Deactivation_calls_back_at_once_and_again_72_hours_later()
    {
        var time = new MovableTime();
        await using var server = await TestServer.StartAsync(wall: time);
        await using var receiver = await Receiver.StartAsync();
        var sid = await server.SimAsync();
        (await server.Kore.FormAsync($"/v1/Sims/{sid}", ("Status", "deactivated"), ("CallbackUrl", receiver.Url))).Is(202);
        await server.EndAsync(sid);
        Assert.Contains("SimStatus=deactivated&", (await receiver.GotAsync(1))[0].Body);

        time.Move(TimeSpan.FromHours(72));

        Assert.Contains("SimStatus=canceled&", (await receiver.GotAsync(2))[1].Body);
        Assert.Equal("canceled", (await server.Kore.FetchAsync($"/v1/Sims/{sid}"))["status"]);
    }

    /// <summary>Twilio, "Validating requests": the URL, then every form parameter in the order of the names.</summary>
#pragma warning disable CA5350 // Twilio's scheme.
    private static string Signature(string token, string signed) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(signed)));
#pragma warning restore CA5350
}
