using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;

namespace Simkeeper.Server.Operator;

/// <summary>The unit of ownership; a project is the same account by another name.</summary>
/// <example>
/// {"sid": "AC00000000000000000000000000000002", "name": "Sandbox subaccount", "project": "sandbox-sub",
///  "parent": "AC00000000000000000000000000000001", "status": "active", "createdAt": "2026-01-01T00:00:00.000Z"}
/// </example>
internal record AccountAnswer
{
    [RegularExpression(Patterns.Account)]
    public required string Sid { get; init; }

    [StringLength(64, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>The account's project slug.</summary>
    [RegularExpression(Patterns.Project)]
    public required string Project { get; init; }

    /// <summary>The master account, null for a master account itself.</summary>
    [RegularExpression(Patterns.Account)]
    public required string? Parent { get; init; }

    /// <summary>A master account sets its subaccounts' (docs/accounts.md).</summary>
    public required AccountStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static AccountAnswer Of(Account account) => new()
    {
        Sid = account.Sid,
        Name = account.Name,
        Project = account.Project,
        Parent = account.ParentId is { } parent ? Ids.ToSid("AC", parent) : null,
        Status = account.Status,
        CreatedAt = account.CreatedAt,
    };
}

/// <summary>An account, with its auth token this once.</summary>
/// <example>
/// {"sid": "AC019b76daa800700ca2d3e4f506172839", "name": "Fleet north", "project": "fleet-north",
///  "parent": "AC00000000000000000000000000000001", "status": "active", "createdAt": "2026-01-01T00:00:00.000Z",
///  "authToken": "example-token-shown-only-once"}
/// </example>
internal sealed record CreatedAccountAnswer : AccountAnswer, IHasSecret
{
    [SetsRequiredMembers]
    public CreatedAccountAnswer(AccountAnswer account, string authToken) : base(account) => AuthToken = authToken;

    /// <summary>The password of the Basic login; shown only here.</summary>
    [JsonPropertyOrder(1)]
    [StringLength(255, MinimumLength = 1)]
    public string AuthToken { get; }
}
