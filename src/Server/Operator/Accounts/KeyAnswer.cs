using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Operator;

/// <summary>A key, without its secret.</summary>
/// <example>
/// {"id": "SK019b8207c865700b9c2d3e4f50617283", "kind": "kore", "role": "write", "name": "billing job",
///  "expiresAt": "2027-01-01T00:00:00.000Z", "createdAt": "2026-01-03T04:05:06.789Z"}
/// </example>
internal record KeyAnswer
{
    /// <summary>For kind `kore` the `SK…` and for `client` the client id to log in with.</summary>
    [RegularExpression(Patterns.Key)]
    public required string Id { get; init; }

    /// <summary>`gigs`: bearer key; `kore`: Basic with `SK…`; `client`: OAuth2 client; `operator`: bearer key of this API.</summary>
    public required string Kind { get; init; }

    /// <summary>`write` includes `read`.</summary>
    [AllowedValues("read", "write")]
    public required string Role { get; init; }

    /// <summary>For people.</summary>
    [StringLength(Keys.NameMax)]
    public required string Name { get; init; }

    /// <summary>Null: never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static KeyAnswer Of(KeyKind kind, Credential key) => new()
    {
        Id = kind.PublicId(key.Id),
        Kind = key.Kind,
        Role = key.Role.ToWire(),
        Name = key.Name,
        ExpiresAt = key.ExpiresAt,
        CreatedAt = key.CreatedAt,
    };
}

/// <summary>A key, with its secret this once.</summary>
/// <example>
/// {"id": "SK019b8207c865700b9c2d3e4f50617283", "kind": "kore", "role": "write", "name": "billing job",
///  "expiresAt": "2027-01-01T00:00:00.000Z", "createdAt": "2026-01-03T04:05:06.789Z", "secret": "example-secret-shown-only-once"}
/// </example>
internal sealed record CreatedKeyAnswer : KeyAnswer, IHasSecret
{
    [SetsRequiredMembers]
    public CreatedKeyAnswer(KeyAnswer key, string secret) : base(key) => Secret = secret;

    /// <summary>Shown only here.</summary>
    [JsonPropertyOrder(1)]
    [StringLength(255, MinimumLength = 1)]
    public string Secret { get; }
}
