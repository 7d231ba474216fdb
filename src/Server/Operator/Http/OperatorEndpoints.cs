using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core.Operations;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Server.Operator;

/// <summary>The status of an operation's answer when it succeeds; without it 200.</summary>
internal sealed record AnswerStatus(int Status);

/// <summary>The kind of work of an operation; without it, one thing is read or changed.</summary>
internal sealed record WorkOf(Work Work);

/// <summary>An answer of another type that an operation may give too.</summary>
internal sealed record OtherAnswer(int Status, Type Body);

/// <summary>The codes that an operation may refuse with, beside those of every operation.</summary>
internal sealed record CanFailWith(IReadOnlyList<ProblemCode> Codes);

/// <summary>The operation takes as long as it needs; any other ends when its request has used up its time.</summary>
internal sealed record TakesItsTime;

/// <summary>A part of the path, for the OpenAPI document.</summary>
internal sealed record PathPart(string Name, string Pattern, string Description, string Example);

/// <summary>A body that an operation reads or writes by itself, for the OpenAPI document.</summary>
/// <param name="Of">The record that it consists of.</param>
/// <param name="Shape">How it consists of it.</param>
internal sealed record StreamBody(bool IsAnswer, string MediaType, Type? Of, StreamShape Shape);

internal enum StreamShape
{
    /// <summary>Text that no record describes.</summary>
    Text,

    /// <summary>A JSON array of the records.</summary>
    Array,

    /// <summary>Lines, each a JSON object.</summary>
    Lines,
}

/// <summary>Endpoints that a feature adds to the operator API.</summary>
internal interface IOperatorEndpoints
{
    /// <param name="api">The group of the operator API: who comes here has an operator key.</param>
    void Map(RouteGroupBuilder api);
}

/// <summary>The facts that operations state when they are mapped.</summary>
internal static class OperatorEndpoints
{
    /// <summary>Sets the status of the answer.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder endpoint, int status) =>
        endpoint.WithMetadata(new AnswerStatus(status));

    /// <summary>Lets the operation take as long as it needs.</summary>
    public static RouteHandlerBuilder TakesItsTime(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new TakesItsTime());

    /// <summary>Says which of the door's limits the operation has.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, Work work) => endpoint.WithMetadata(new WorkOf(work));

    /// <summary>Names codes that the operation may refuse with. Those of keys, of unreadable requests and of trouble are known.</summary>
    public static RouteHandlerBuilder CanFail(this RouteHandlerBuilder endpoint, params ProblemCode[] codes) =>
        endpoint.WithMetadata(new CanFailWith(codes));

    /// <summary>Describes a part of the path of every operation of a group.</summary>
    public static RouteGroupBuilder Part(this RouteGroupBuilder group, string name, string pattern, string description, string example) =>
        group.WithMetadata(new PathPart(name, pattern, description, example));

    /// <summary>The operator who calls, as events name them.</summary>
    public static Actor Actor(this HttpContext context) => context.Features.Get<Caller>()!.Actor(context.Address());
}
