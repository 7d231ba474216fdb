using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Simkeeper.Core;
using Simkeeper.Core.Deliveries;
using Simkeeper.Server.Deliveries;

namespace Simkeeper.Server.Operator;

/// <summary>One message to one URL, without its attempts.</summary>
internal record DeliveryHead
{
    /// <summary>The prefix of the ids of webhook endpoints.</summary>
    public const string EndpointPrefix = "we";

    [RegularExpression(Patterns.Delivery)]
    public required string Id { get; init; }

    /// <summary>A callback of a request, or an event to a webhook endpoint.</summary>
    [AllowedValues("callback", "webhook")]
    public required string Kind { get; init; }

    /// <summary>Without what is secret in it.</summary>
    public required string Url { get; init; }

    [AllowedValues("GET", "POST")]
    public required string Method { get; init; }

    /// <summary>`dead`: given up; it can be redelivered.</summary>
    public required DeliveryState State { get; init; }

    [RegularExpression(Patterns.Account)]
    public required string Account { get; init; }

    /// <summary>Null for a sample.</summary>
    [RegularExpression(Patterns.SimSid)]
    public required string? Sim { get; init; }

    /// <summary>Null for a callback.</summary>
    [RegularExpression(Patterns.Endpoint)]
    public required string? Endpoint { get; init; }

    /// <summary>The mark by which its receiver knows it; stays however often it is sent.</summary>
    public required string Token { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static DeliveryHead Of(Delivery delivery, Messengers messengers) => new()
    {
        Id = delivery.PublicId,
        Kind = delivery.Kind,
        Url = messengers.ShownUrl(delivery),
        Method = delivery.Method,
        State = delivery.State,
        Account = Ids.ToSid("AC", delivery.AccountId),
        Sim = delivery.SimId == Guid.Empty ? null : Ids.ToSid("DE", delivery.SimId),
        Endpoint = delivery.EndpointId is { } endpoint ? Ids.ToBase62(EndpointPrefix, endpoint) : null,
        Token = messengers.Of(delivery).Token(delivery),
        CreatedAt = Ids.CreatedAt(delivery.Id),
    };
}

/// <summary>One message to one URL.</summary>
/// <example>
/// {"id": "dlv_0324sy29EP4ovq3br2TCSX", "kind": "webhook", "url": "https://example.com/hook", "method": "POST", "state": "delivered",
///  "account": "AC00000000000000000000000000000001", "sim": "DE019b7ca98f2e70018a3c4e5f60718293",
///  "endpoint": "we_0324sy29EP4ovq3br2TCSX", "token": "evt_0324sy29EP4ovq3br2TCSX", "createdAt": "2026-01-05T06:07:08.901Z",
///  "attempts": [{"number": 1, "at": "2026-01-05T06:07:08.901Z", "status": 200, "latencyMs": 12, "answer": "ok", "error": null}]}
/// </example>
internal sealed record DeliveryAnswer : DeliveryHead
{
    [SetsRequiredMembers]
    public DeliveryAnswer(DeliveryHead head, IReadOnlyList<DeliveryAttempt> attempts) : base(head) =>
        Attempts = [.. attempts.Select(AttemptAnswer.Of)];

    /// <summary>At most 100, the oldest first.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<AttemptAnswer> Attempts { get; }

    public static DeliveryAnswer Of(Delivery delivery, Messengers messengers, IReadOnlyList<DeliveryAttempt>? attempts = null) =>
        new(DeliveryHead.Of(delivery, messengers), attempts ?? []);
}
