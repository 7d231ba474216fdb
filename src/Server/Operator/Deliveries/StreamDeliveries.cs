using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Watches deliveries.</summary>
/// <remarks>
/// Server-sent events from now on, or from after `Last-Event-ID`: `ready` first; `delivery` when one is made, a redelivery too, with all it
/// takes to send it as the server does: `url`, `method`, `headers` as they would be now, signatures included, and `body` in base64 (one
/// that another server commits late bears no id, nor do those of the ten seconds before `Last-Event-ID`, which come once more from servers
/// on PostgreSQL); `attempt` at the end of each attempt of this server, which a listener that does not keep up may miss; `ping` every 15
/// seconds without another. `simkeeper listen` reads it.
/// </remarks>
internal static class StreamDeliveries
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/stream", RunAsync).TakesItsTime().Takes(Work.Stream)
        .WithMetadata(new StreamBody(true, "text/event-stream", null, StreamShape.Text));

    /// <param name="lastEventId">The last event that was seen: what came after it is told first.</param>
    private static async Task<Answer> RunAsync(Query<StreamFilter> query,
        [FromHeader(Name = "Last-Event-ID"), RegularExpression(Patterns.Delivery)] string? lastEventId,
        HttpContext context, Accounts.Accounts accounts, DeliveryStream stream)
    {
        var account = await FindAccount.OfFieldAsync(accounts, query.Value.Account);
        if (account.Error is { } error)
            return error;
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        await stream.RunAsync(context, account.Value, lastEventId ?? "");
        return Answer.Sent;
    }
}

/// <summary>Whose deliveries are wanted.</summary>
internal sealed record StreamFilter : IReadQuery<StreamFilter>
{
    /// <summary>Only deliveries of this account.</summary>
    public required Guid? Account { get; init; }

    public static StreamFilter Read(QueryFields fields) => new() { Account = fields.Sid("account", "AC", FindAccount.NoSid) };
}
