using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>The events of SIMs, oldest first.</summary>
internal sealed class OperatorEvents(Database database)
{
    private const string Select = """
        select id, sim_id, account_id, type, actor_kind, actor_sid, actor_address, operation_id, data from events
        where org_id = @org_id and id > @after and (@type = '' or type = @type)
        """;

    private static readonly Sql OfOrg = new($"{Select} order by id limit @limit");
    private static readonly Sql OfSim = new($"{Select} and sim_id = @sim_id order by id limit @limit");
    private static readonly Sql OfAccount = new($"{Select} and account_id = @account_id order by id limit @limit");

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new OperatorQuery(context.Request, "sim", "account", "type", "since");
        var sql = OfOrg;
        var subject = Guid.Empty;
        if (query["sim"] is { } sim)
        {
            if (!Ids.TryParseSid("DE", sim, out subject) && !Ids.TryParseBase62("sim", sim, out subject))
                throw new ProblemException(Problem.Invalid("sim", "sim is a SIM's sid or Gigs id."));
            sql = OfSim;
        }
        if (query["account"] is { } account)
        {
            if (sql == OfSim)
                throw new ProblemException(Problem.Invalid("account", "Give sim or account, not both."));
            if (!Ids.TryParseSid("AC", account, out subject))
                throw new ProblemException(Problem.Invalid("account", "account is the sid of an account."));
            sql = OfAccount;
        }
        var after = query.After ?? Guid.Empty;
        if (query["since"] is { } since && First(since) is var first && first.CompareTo(after) > 0)
            after = first;
        var events = await database.ReadAsync(session => AcrossOrgs.OldestAsync(session, sql, Read, happened => happened.Id, query.Limit + 1,
            sql == OfOrg ? [after, query["type"] ?? ""] : [after, query["type"] ?? "", subject]));
        await OperatorPage.WriteAsync(context.Response, events, query.Limit, happened => happened.Id, Write);
    }

    /// <summary>The id that comes right before all of this moment.</summary>
    private static Guid First(string since)
    {
        if (!Requests.TryTime(since, out var time))
            throw new ProblemException(Problem.Invalid("since", "since is a time such as 2026-01-02T03:04:05Z."));
        return Guid.ParseExact($"{time.ToUnixTimeMilliseconds():x12}{new string('0', 20)}", "N");
    }

    private static SimEvent Read(Row row) => new(row.Id(0), row.Id(1), row.Id(2), row.Text(3), row.Text(4), row.TextOrNull(5),
        row.TextOrNull(6), row.IdOrNull(7), row.Text(8));

    private static void Write(Utf8JsonWriter json, SimEvent happened)
    {
        json.WriteStartObject();
        json.WriteString("id", Ids.ToBase62("evt", happened.Id));
        json.WriteString("type", happened.Type);
        json.WriteString("at", JsonAnswer.Milliseconds(Ids.CreatedAt(happened.Id)));
        json.WriteString("sim", happened.SimId == Guid.Empty ? null : Ids.ToSid("DE", happened.SimId));
        json.WriteString("account", Ids.ToSid("AC", happened.AccountId));
        json.WriteStartObject("actor");
        json.WriteString("kind", happened.ActorKind);
        json.WriteString("sid", happened.ActorSid);
        json.WriteString("address", happened.ActorAddress);
        json.WriteEndObject();
        json.WriteString("operation", happened.OperationId is { } operation ? Ids.ToBase62("op", operation) : null);
        json.WritePropertyName("data");
        json.WriteRawValue(happened.Data);
        json.WriteEndObject();
    }

    private sealed record SimEvent(Guid Id, Guid SimId, Guid AccountId, string Type, string ActorKind, string? ActorSid, string? ActorAddress,
        Guid? OperationId, string Data);
}
