using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>Sends a range of time again.</summary>
/// <remarks>
/// All that is dead since a moment, or with `to` all of a range to another URL; oldest first, each as a new delivery of the same message,
/// so that its `token` stays. At most 10,000 for each call; if there are more, `next` is not null: send the same again with it as `after`.
/// </remarks>
internal static class RedeliverDeliveries
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/deliveries/redeliver", RunAsync).TakesItsTime().Takes(Work.List).Answers(202);

    private static async Task<Answer<RedeliveredAnswer>> RunAsync(
        Body<RangeToRedeliver> body, Accounts.Accounts accounts, Redelivery redelivery, SandboxSettings sandbox)
    {
        var range = body.Value;
        if (range.To is { } to && ReceiverUrl.Check("to", to, sandbox.Enabled) is { } wrong)
            return wrong;
        var account = await FindAccount.OfFieldAsync(accounts, range.Account);
        if (account.Error is { } error)
            return error;
        var (sent, skipped, next) = await redelivery.RangeAsync(new RedeliveryRange(
            range.After ?? Ids.FirstOf(range.Since), range.Until is { } until ? Ids.FirstOf(until) : null,
            range.State ?? (range.To is null ? DeliveryState.Dead : null), range.Account, range.Endpoint, range.To));
        return new RedeliveredAnswer { Redelivered = sent, Skipped = skipped, Next = next?.ToString("N") };
    }
}

/// <summary>Which deliveries are to be sent again, and where to.</summary>
/// <example>{"since": "2026-01-05T06:00:00Z", "until": "2026-01-05T07:00:00Z", "to": "https://example.com/replay"}</example>
internal sealed record RangeToRedeliver : IReadJson<RangeToRedeliver>
{
    /// <summary>Those made then and later.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Those made before; without it all there are.</summary>
    public required DateTimeOffset? Until { get; init; }

    /// <summary>Without it what is dead; with `to` everything.</summary>
    public required DeliveryState? State { get; init; }

    /// <summary>Only those of this account.</summary>
    public required Guid? Account { get; init; }

    /// <summary>Only those to this webhook endpoint.</summary>
    public required Guid? Endpoint { get; init; }

    /// <summary>
    /// Another URL to send them to: absolute, https outside a sandbox, without credentials and fragment. Without it each goes where it
    /// went.
    /// </summary>
    [StringLength(ReceiverUrl.LengthMax)]
    public required string? To { get; init; }

    /// <summary>The `next` of the answer before.</summary>
    public required Guid? After { get; init; }

    public static RangeToRedeliver Read(JsonFields fields) => new()
    {
        To = fields.Text("to"),
        Since = fields.Time("since", required: true) ?? default,
        After = fields.Cursor("after", "answer"),
        Until = fields.Time("until"),
        State = fields.Word<DeliveryState>("state"),
        Account = fields.Sid("account", "AC", FindAccount.NoSid),
        Endpoint = fields.Id("endpoint", DeliveryHead.EndpointPrefix, "endpoint is the id of a webhook endpoint."),
    };
}

/// <summary>The numbers of deliveries that are sent again, and that are not.</summary>
/// <example>{"redelivered": 17, "skipped": 0, "next": null}</example>
internal sealed record RedeliveredAnswer
{
    [Range(0, int.MaxValue)]
    public required int Redelivered { get; init; }

    /// <summary>
    /// Not sent again: without `to` because they are still pending and sent by themselves, or because their webhook endpoint was deleted or
    /// is disabled.
    /// </summary>
    [Range(0, int.MaxValue)]
    public required int Skipped { get; init; }

    /// <summary>The `after` of the next call, null when there are no more.</summary>
    public required string? Next { get; init; }
}
