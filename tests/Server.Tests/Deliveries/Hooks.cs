using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Simkeeper.Server.Tests.Support;

namespace Simkeeper.Server.Tests.Deliveries;

/// <summary>An endpoint that a test made, with the secret that only it knows.</summary>
internal sealed record Hook(string Id, string Secret);

/// <summary>Webhooks as tests set them up and read them.</summary>
internal static class Hooks
{
    public const string Endpoints = "/operator/v1/webhook-endpoints";

    public static async Task<Hook> HookAsync(
        this TestServer server, string url, string account = TestServer.MasterSid, bool ordered = false, params string[] events)
    {
        var body = TestJson.Text(new { account, url, events = events.Length == 0 ? ["*"] : events, ordered });
        var made = (await server.Operator.JsonAsync(Endpoints, body)).Is(201);
        return new Hook(made["id"]!, made["secret"]!);
    }

    /// <summary>Writes metadata through the Gigs dialect.</summary>
    public static async Task NoteAsync(this TestServer server, string sim, string note) => (await server.Gigs.CallAsync(
        "PATCH", $"/projects/sandbox/sims/{Fleet.GigsId(sim)}", $$$"""{"metadata":{"note":"{{{note}}}"}}""")).Is(200);

    public static JsonElement Event(this Received got) => JsonDocument.Parse(got.Body).RootElement;

    public static string? Text(this JsonElement element, params string[] path) =>
        path.Aggregate(element, (at, name) => at.GetProperty(name)).GetString();

    public static string? Type(this Received got) => got.Event().Text("type");

    /// <summary>The signature that Standard Webhooks prescribes for this secret.</summary>
    public static string Signature(this Received got, string secret) => "v1," + Convert.ToBase64String(HMACSHA256.HashData(
        Convert.FromBase64String(secret["whsec_".Length..]),
        Encoding.UTF8.GetBytes($"{got.Headers["webhook-id"]}.{got.Headers["webhook-timestamp"]}.{got.Body}")));
}
