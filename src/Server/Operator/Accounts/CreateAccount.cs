using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Simkeeper.Server.Operator;

/// <summary>Creates an account.</summary>
/// <remarks>Without `parent` a master account, the head of a new org; with it a subaccount of that master account.</remarks>
internal static class CreateAccount
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/accounts", RunAsync)
        .Answers(201).CanFail(ProblemCode.NotFound, ProblemCode.AlreadyTaken, ProblemCode.StateForbids);

    private static async Task<Answer<CreatedAccountAnswer>> RunAsync(Body<NewAccount> body, Accounts.Accounts accounts)
    {
        var created = await accounts.CreateAsync(body.Value.Name, body.Value.Project, body.Value.Parent);
        if (created.Error is { } error)
            return error;
        var (account, token) = created.Value;
        return new CreatedAccountAnswer(AccountAnswer.Of(account), token);
    }
}

/// <summary>An account to be created.</summary>
/// <example>{"name": "Fleet north", "project": "fleet-north", "parent": "AC00000000000000000000000000000001"}</example>
internal sealed record NewAccount : IReadJson<NewAccount>
{
    [StringLength(64, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>Its project slug, unique in the installation.</summary>
    [RegularExpression(Patterns.Project)]
    public required string Project { get; init; }

    /// <summary>Sid of a master account.</summary>
    public required Guid? Parent { get; init; }

    public static NewAccount Read(JsonFields fields) => new()
    {
        Name = fields.Text("name", required: true)!,
        Project = fields.Text("project", required: true)!,
        Parent = fields.Sid("parent", "AC", "parent is the sid of a master account, AC and 32 hex digits."),
    };
}
