using Simkeeper.Core;
using Simkeeper.Core.Commands;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Commands;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Operator;

/// <summary>What devices say, until a network says it.</summary>
internal sealed class OperatorCommands(AcceptCommand accept, HttpSettings settings, ILogger<OperatorCommands> log)
{
    public async Task ReceiveAsync(HttpContext context, Caller caller, string[] path)
    {
        var body = await OperatorBody.ReadAsync(context.Request, settings, "sim", "command", "mode");
        var sim = body.Required("sim");
        var text = body.Required("command");
        var mode = body.OneOf("mode", "text", "binary") == "binary" ? CommandMode.Binary : CommandMode.Text;
        var isTruncated = mode == CommandMode.Text && text.Length > Command.TextMax;
        if (isTruncated)
            text = text[..Command.TextMax];
        if (Command.Check(mode, text) is { } wrong)
            throw new ProblemException(Problem.Invalid("command", wrong.Message));
        var received = await accept.FromSimAsync(new Command { Body = text, Mode = mode }, FindSim.Anywhere(sim));
        if (received.Error is { } error)
            throw new ProblemException(Problem.From(error));
        var command = received.Value;
        if (isTruncated)
        {
            log.LogWarning("33111: {Command} of {Sim} was longer than {Max} characters and was cut.",
                command.Sid, Ids.ToSid("DE", command.SimId), Command.TextMax);
        }
        await JsonAnswer.WriteAsync(context.Response, 201, (command, isTruncated), static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteString("sid", answer.command.Sid);
            json.WriteString("account", Ids.ToSid("AC", answer.command.AccountId));
            json.WriteString("sim", Ids.ToSid("DE", answer.command.SimId));
            json.WriteString("mode", answer.command.Mode.ToWire());
            json.WriteString("status", answer.command.Status.ToWire());
            json.WriteBoolean("truncated", answer.isTruncated);
            json.WriteString("createdAt", JsonAnswer.Milliseconds(answer.command.CreatedAt));
            json.WriteEndObject();
        });
    }
}
