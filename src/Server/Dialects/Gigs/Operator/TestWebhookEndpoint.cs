using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Jobs;
using Simkeeper.Server.Operator;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>Sends a sample event.</summary>
/// <remarks>To this endpoint, whatever it has selected, of a SIM that does not exist. Refused with 409 while it is disabled.</remarks>
internal static class TestWebhookEndpoint
{
    /// <summary>The ICCID in the dialect's own examples.</summary>
    private const string SampleIccid = "89883070000007537119";

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/webhook-endpoints/{id}/test", RunAsync)
        .Answers(202).CanFail(ProblemCode.NotFound, ProblemCode.StateForbids);

    private static async Task<Answer<DeliveryAnswer>> RunAsync(string id, Body<WebhookTest> body, Database database,
        Accounts.Accounts accounts, Webhooks webhooks, Messengers messengers, JobQueue jobs, SimClock clock, IdGenerator ids)
    {
        var found = await FindEndpoint.OfPathAsync(database, id);
        if (found.Error is { } error)
            return error;
        var endpoint = found.Value;
        if (!endpoint.Enabled)
            return Problem.StateForbids("The endpoint is disabled. Enable it first.");
        var account = (await accounts.FindAsync(endpoint.AccountId))!;
        var now = clock.Now;
        var sample = Sample(endpoint, body.Value.Event, ids.Next(now), now);
        var delivery = await database.WriteAsync(session => webhooks.TestAsync(session, endpoint, account.Project, sample, now));
        jobs.Wake(Lane.Deliveries);
        return DeliveryAnswer.Of(delivery, messengers);
    }

    private static GigsEvent Sample(WebhookEndpoint endpoint, string type, Guid simId, DateTimeOffset now)
    {
        var sim = new Sim
        {
            OrgId = endpoint.OrgId,
            Id = simId,
            AccountId = endpoint.AccountId,
            Iccid = SampleIccid,
            Type = SimType.ESim,
            Provider = "test",
            Status = SimStatus.Active,
            StatusSince = now,
            UpdatedAt = now,
        };
        return new GigsEvent(type, sim, type == GigsEvents.SimUpdated ? sim with { Status = SimStatus.New } : null);
    }
}

/// <summary>Which event to send a sample of.</summary>
/// <example>{"event": "com.gigs.sim.retired"}</example>
internal sealed record WebhookTest : IReadJson<WebhookTest>
{
    /// <summary>Its type; without it `com.gigs.sim.updated`.</summary>
    public required string Event { get; init; }

    public static WebhookTest Read(JsonFields fields) => new() { Event = fields.OneOf("event", GigsEvents.Types) ?? GigsEvents.SimUpdated };
}
