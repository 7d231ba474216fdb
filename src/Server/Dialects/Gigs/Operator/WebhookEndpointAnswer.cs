using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Simkeeper.Core;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Operator;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>A standing subscription to the Gigs events of an account.</summary>
/// <example>
/// {"id": "we_0324sy29EP4ovq3br2TCSX", "account": "AC00000000000000000000000000000001", "url": "https://example.com/hook", "events": ["*"],
///  "ordered": false, "state": "enabled", "failingSince": null, "oldSecretUntil": null, "createdAt": "2026-01-05T06:07:08.901Z"}
/// </example>
internal record WebhookEndpointAnswer
{
    [RegularExpression(Patterns.Endpoint)]
    public required string Id { get; init; }

    [RegularExpression(Patterns.Account)]
    public required string Account { get; init; }

    /// <summary>Absolute, https outside a sandbox, without credentials and fragment.</summary>
    [StringLength(ReceiverUrl.LengthMax)]
    public required string Url { get; init; }

    /// <summary>Types, or the start of some: `*`, `com.gigs.sim.*`, `com.gigs.eSimProfile.*`.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>The next event of a SIM waits until the one before was taken or is dead.</summary>
    public required bool Ordered { get; init; }

    public required EndpointState State { get; init; }

    /// <summary>Null: the latest attempt succeeded.</summary>
    public required DateTimeOffset? FailingSince { get; init; }

    /// <summary>When the last of the old secrets ends. Wall clock.</summary>
    public required DateTimeOffset? OldSecretUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static WebhookEndpointAnswer Of(WebhookEndpoint endpoint) => new()
    {
        Id = endpoint.PublicId,
        Account = Ids.ToSid("AC", endpoint.AccountId),
        Url = endpoint.Url,
        Events = endpoint.Events,
        Ordered = endpoint.Ordered,
        State = endpoint.State,
        FailingSince = endpoint.FailingSince,
        OldSecretUntil = endpoint.OldSecretUntil,
        CreatedAt = Ids.CreatedAt(endpoint.Id),
    };
}

/// <summary>A webhook endpoint, with its secret this once.</summary>
/// <example>
/// {"id": "we_0324sy29EP4ovq3br2TCSX", "account": "AC00000000000000000000000000000001", "url": "https://example.com/hook", "events": ["*"],
///  "ordered": false, "state": "enabled", "failingSince": null, "oldSecretUntil": null, "createdAt": "2026-01-05T06:07:08.901Z",
///  "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq="}
/// </example>
internal sealed record CreatedWebhookEndpointAnswer : WebhookEndpointAnswer, IHasSecret
{
    [SetsRequiredMembers]
    public CreatedWebhookEndpointAnswer(WebhookEndpointAnswer endpoint, string secret) : base(endpoint) => Secret = secret;

    /// <summary>Shown once.</summary>
    [JsonPropertyOrder(1)]
    [RegularExpression("^whsec_[A-Za-z0-9+/]+=*$")]
    public string Secret { get; }
}
