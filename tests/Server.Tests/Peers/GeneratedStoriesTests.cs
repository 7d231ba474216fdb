using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Peers;

/// <summary>
/// The clients that two generators make from our OpenAPI documents tell one story of each API against a server. "sent" is the body of a
/// request: only what the caller gave.
/// </summary>
[SqliteOnly]
public sealed class GeneratedStoriesTests
{
    private const string Gigs = """
        sims 2 True
        next 1 False
        sim sim Inactive PSIM
        sent {"iccid":"ICCID"}
        found 1 True
        sent {"metadata":{"story":"told"}}
        metadata told
        nobody 404 Error NotFound
        limit 422 Error Invalid

        """;

    private const string Kore = """
        login 401 ClientError Invalid_client
        token Bearer
        sims New,New 2
        sim New True none
        plan story True 500 Payg
        plan True
        sent UniqueName=tracker
        sent CommandsCallbackMethod=GET
        sent RatePlan=story
        sim New tracker GET True
        update Updating
        sent Status=active
        sim Active tracker GET True
        command on To_sim Text
        usage 7000000000 3000000000 1
        session 2147483647 2147483647
        nobody 404 Error 20404
        new 400 Error 33105
        remove 409 Error 20409
        secret 404 SecretError 20404
        removed 404 Error 20404

        """;

    private const string Operator = """
        sims New,New True
        sim New True none
        plan True Block None
        sent {"name":"Story","project":"story"}
        account Story story none Active
        sent {"kind":"gigs"}
        key Gigs Write False
        operation Active True
        operation Done none
        sim Active Active True
        sim Suspended True
        nobody 404 Problem SimNotFound none
        taken 409 Problem AlreadyTaken project
        wrong 400 Problem InvalidValue project

        """;

    [Fact]
    public async Task NSwags_client_of_the_Gigs_API() => Assert.Equal(Gigs, await ToldAsync("NSwagPeer", "gigs"));

    [Fact]
    public async Task NSwags_client_of_the_KORE_API() => Assert.Equal(Kore, await ToldAsync("NSwagPeer", "kore"));

    [Fact]
    public async Task NSwags_client_of_the_operator_API() => Assert.Equal(Operator, await ToldAsync("NSwagPeer", "operator"));

    /// <summary>Its errors are exceptions: one class each, not one for each operation and status.</summary>
    [Fact]
    public async Task Kiotas_client_of_the_Gigs_API() => Assert.Equal("errors Error\n" + Gigs, await ToldAsync("KiotaPeer", "gigs"));

    [Fact]
    public async Task Kiotas_client_of_the_KORE_API() =>
        Assert.Equal("errors ClientError,Error,SecretError,TokenError\n" + Kore, await ToldAsync("KiotaPeer", "kore"));

    [Fact]
    public async Task Kiotas_client_of_the_operator_API() =>
        Assert.Equal("errors Problem\n" + Operator, await ToldAsync("KiotaPeer", "operator"));

    /// <summary>Runs a client against a fresh server.</summary>
    private static async Task<string> ToldAsync(string peer, string api)
    {
        await using var server = await TestServer.StartAsync();
        return await Peer.ReadBuiltAsync(peer, ("SIMKEEPER_URL", server.Url.ToString()), ("SIMKEEPER_API", api));
    }
}
