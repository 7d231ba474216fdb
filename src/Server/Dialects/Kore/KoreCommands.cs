using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Commands;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Commands;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>The Command resource: create, fetch, list, delete.</summary>
internal sealed class KoreCommands(
    Database database, AcceptCommand accept, CommandWorker worker, KoreSettings settings, SealedUrls urls, BrokenRows broken)
{
    public async Task CreateAsync(HttpContext context, Caller caller, string[] path)
    {
        var form = await TwilioForm.ReadAsync(context.Request, settings.Dialect);
        var draft = Read(form);
        var sim = Required(form, "Sim");
        var accepted = await accept.ToSimAsync(draft, FindSim.ByKey(caller, sim));
        if (accepted.Error is { Code: ErrorCode.SimNotFound })
            throw new TwilioException(new TwilioError(33107, 404, "The account has no such SIM."));
        if (accepted.Error is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        await WriteAsync(context, 201, accepted.Value);
    }

    public async Task FetchAsync(HttpContext context, Caller caller, string[] path) =>
        await WriteAsync(context, 200, await FindAsync(context, caller, path[0]));

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new TwilioQuery(context.Request, settings.Dialect, "Status", "Direction", "Sim", "Transport");
        var status = OneOf(query, "Status", "queued", "sent", "delivered", "received", "failed");
        var direction = OneOf(query, "Direction", "from_sim", "to_sim");
        var transport = OneOf(query, "Transport", "sms", "ip");
        var page = await database.ReadAsync(async session =>
        {
            var sim = query.Given("Sim") is { } key ? await FindSim.ByKey(caller, key).ReadAsync(session) : null;
            // All Commands go by SMS.
            return transport == "ip" || (sim is null && query.Given("Sim") is not null)
                ? Page<Kept<Command>>.Empty
                : await CommandSql.ListAsync(session, broken, caller.OrgId, caller.AccountId, (sim?.Id, status, direction),
                    query.After, query.Before, query.PageSize);
        });
        var list = context.Request.PublicUrl(settings.Http) + "/v1/Commands";
        await TwilioPage.WriteAsync(
            context.Response, list, "commands", query, page, command => command.Id, (json, command) =>
            {
                if (command.Row is { } row)
                    Write(json, row, list);
            });
    }

    public async Task DeleteAsync(HttpContext context, Caller caller, string[] path)
    {
        var command = await FindAsync(context, caller, path[0]);
        if (!await worker.RemoveAsync(command.OrgId, command.Id))
            throw new TwilioException(TwilioError.NotFound(context.Request));
        context.Response.StatusCode = 204;
    }

    private Command Read(TwilioForm form)
    {
        var mode = form.OneOf("CommandMode", "text", "binary") == "binary" ? CommandMode.Binary : CommandMode.Text;
        var include = form.OneOf("IncludeSid", "none", "start", "end") switch
        {
            "start" => IncludeSid.Start,
            "end" => IncludeSid.End,
            _ => IncludeSid.None,
        };
        form.Check();
        var body = Required(form, "Command");
        if (Command.Check(mode, body, include == IncludeSid.None ? Command.TextMax : Command.TextBesideSidMax) is { } wrong)
            throw new TwilioException(KoreErrors.InvalidValue(wrong.Message));
        var command = new Command
        {
            Body = body,
            Mode = mode,
            IncludeSid = include,
            Receipt = form.Flag("DeliveryReceiptRequested") ?? true,
            Callback = form.Callback(urls),
        };
        form.Check();
        return command;
    }

    private static string Required(TwilioForm form, string name) =>
        form.Given(name) ?? throw new TwilioException(new TwilioError(33102, 400, $"{name} is required."));

    private static string? OneOf(TwilioQuery query, string name, params string[] words) => query.Given(name) is not { } word
        ? null
        : words.Contains(word) ? word : throw new TwilioException(KoreErrors.InvalidValue($"{name} is one of {string.Join(", ", words)}."));

    /// <summary>A Command of the caller's own account or, for a master, of a subaccount.</summary>
    private async Task<Command> FindAsync(HttpContext context, Caller caller, string sid)
    {
        var command = Ids.TryParseSid("DC", sid, out var id)
            ? await database.ReadAsync(session => session.OneAsync(CommandSql.ById, CommandTable.Rows.Read, caller.OrgId, id))
            : null;
        return command is not null && (command.AccountId == caller.AccountId || caller.IsMaster)
            ? command
            : throw new TwilioException(TwilioError.NotFound(context.Request));
    }

    private Task WriteAsync(HttpContext context, int status, Command command) => JsonAnswer.WriteAsync(
        context.Response, status, (command, List: context.Request.PublicUrl(settings.Http) + "/v1/Commands"),
        static (json, answer) => Write(json, answer.command, answer.List));

    private static void Write(Utf8JsonWriter json, Command command, string list)
    {
        json.WriteStartObject();
        json.WriteString("sid", command.Sid);
        json.WriteString("account_sid", Ids.ToSid("AC", command.AccountId));
        json.WriteString("sim_sid", Ids.ToSid("DE", command.SimId));
        json.WriteString("command", command.Body);
        json.WriteString("command_mode", command.Mode.ToWire());
        json.WriteString("transport", "sms");
        json.WriteBoolean("delivery_receipt_requested", command.Receipt);
        json.WriteString("status", command.Status.ToWire());
        json.WriteString("direction", command.Direction.ToWire());
        json.WriteString("date_created", JsonAnswer.Seconds(command.CreatedAt));
        json.WriteString("date_updated", JsonAnswer.Seconds(command.UpdatedAt));
        json.WriteString("url", $"{list}/{command.Sid}");
        json.WriteEndObject();
    }
}
