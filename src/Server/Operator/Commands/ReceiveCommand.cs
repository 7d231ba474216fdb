using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Simkeeper.Core;
using Simkeeper.Core.Commands;
using Simkeeper.Server.Commands;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Operator;

/// <summary>Lets a device speak.</summary>
/// <remarks>
/// A Command from a SIM's device, as a network would bring it: stored, counted, and sent to the SIM's `commands_callback_url`. A text over
/// 160 characters is cut. The SIM must be `ready` or `active` and its rate plan must have messaging.
/// </remarks>
internal static class ReceiveCommand
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/commands/inbound", RunAsync)
        .Answers(201).CanFail(ProblemCode.SimNotFound, ProblemCode.StateForbids, ProblemCode.Conflict);

    private static async Task<Answer<ReceivedCommandAnswer>> RunAsync(
        Body<InboundCommand> body, NamedSim named, AcceptCommand accept, ILogger log)
    {
        var (mode, text) = (body.Value.Mode, body.Value.Command);
        var isTruncated = mode == CommandMode.Text && text.Length > Command.TextMax;
        if (isTruncated)
            text = text[..Command.TextMax];
        if (Command.Check(mode, text) is { } wrong)
            return Problem.Invalid("command", wrong.Message);
        var which = await named.FindAsync(body.Value.Sim);
        if (which.Error is { } unknown)
            return unknown;
        var received = await accept.FromSimAsync(new Command { Body = text, Mode = mode }, which.Value);
        if (received.Error is { } error)
            return error;
        var command = received.Value;
        if (isTruncated)
        {
            log.LogWarning("33111: {Command} of {Sim} was longer than {Max} characters and was cut.",
                command.Sid, Ids.ToSid("DE", command.SimId), Command.TextMax);
        }
        return ReceivedCommandAnswer.Of(command, isTruncated);
    }
}

/// <summary>A Command from a device.</summary>
/// <example>{"sim": "DE019b7ca98f2e70018a3c4e5f60718293", "command": "21.5"}</example>
internal sealed record InboundCommand : IReadJson<InboundCommand>
{
    /// <summary>The SIM's sid, id, ICCID, MSISDN, IMSI, EID or unique name.</summary>
    public required string Sim { get; init; }

    /// <summary>Single-byte characters; in binary mode Base64 of 1 to 140 bytes.</summary>
    public required string Command { get; init; }

    /// <summary>Without it `text`.</summary>
    public required CommandMode Mode { get; init; }

    public static InboundCommand Read(JsonFields fields) => new()
    {
        Sim = fields.Text("sim", required: true)!,
        Command = fields.Text("command", required: true)!,
        Mode = fields.Word<CommandMode>("mode") ?? CommandMode.Text,
    };
}

/// <summary>A Command that has come from a device.</summary>
/// <example>
/// {"sid": "DC019b7ca98f2e70018a3c4e5f60718294", "account": "AC00000000000000000000000000000001",
///  "sim": "DE019b7ca98f2e70018a3c4e5f60718293", "mode": "text", "status": "received", "truncated": false,
///  "createdAt": "2026-01-05T06:07:08.901Z"}
/// </example>
internal sealed record ReceivedCommandAnswer
{
    [RegularExpression(Patterns.Command)]
    public required string Sid { get; init; }

    [RegularExpression(Patterns.Account)]
    public required string Account { get; init; }

    [RegularExpression(Patterns.SimSid)]
    public required string Sim { get; init; }

    public required CommandMode Mode { get; init; }

    [AllowedValues("received")]
    public required CommandStatus Status { get; init; }

    /// <summary>True if it was longer than 160 characters.</summary>
    public required bool Truncated { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static ReceivedCommandAnswer Of(Command command, bool isTruncated) => new()
    {
        Sid = command.Sid,
        Account = Ids.ToSid("AC", command.AccountId),
        Sim = Ids.ToSid("DE", command.SimId),
        Mode = command.Mode,
        Status = command.Status,
        Truncated = isTruncated,
        CreatedAt = command.CreatedAt,
    };
}
