using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Operator;

/// <summary>The events of SIMs, oldest first.</summary>
internal sealed class OperatorEvents(Database database)
{
    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new OperatorQuery(context.Request, "sim", "account", "type", "since");
        var sql = EventSql.OfOrg;
        var subject = Guid.Empty;
        if (query["sim"] is { } sim)
        {
            if (!Ids.TryParseSid("DE", sim, out subject) && !Ids.TryParseBase62("sim", sim, out subject))
                throw new ProblemException(Problem.Invalid("sim", "sim is a SIM's sid or Gigs id."));
            sql = EventSql.OfSim;
        }
        if (query["account"] is { } account)
        {
            if (sql == EventSql.OfSim)
                throw new ProblemException(Problem.Invalid("account", "Give sim or account, not both."));
            if (!Ids.TryParseSid("AC", account, out subject))
                throw new ProblemException(Problem.Invalid("account", "account is the sid of an account."));
            sql = EventSql.OfAccount;
        }
        var after = query.After ?? Guid.Empty;
        if (query["since"] is { } since && First(since) is var first && first.CompareTo(after) > 0)
            after = first;
        var events = await database.ReadAsync(session => AcrossOrgs.OldestAsync(
            session, sql, EventTable.Rows.Read, happened => happened.Id, query.Limit + 1,
            sql == EventSql.OfOrg ? [after, query["type"] ?? ""] : [after, query["type"] ?? "", subject]));
        await OperatorPage.WriteAsync(context.Response, events, query.Limit, happened => happened.Id, Write);
    }

    /// <summary>The id that comes right before all of this moment.</summary>
    private static Guid First(string since)
    {
        if (!Requests.TryTime(since, out var time))
            throw new ProblemException(Problem.Invalid("since", "since is a time such as 2026-01-02T03:04:05Z."));
        return Guid.ParseExact($"{time.ToUnixTimeMilliseconds():x12}{new string('0', 20)}", "N");
    }

    private static void Write(Utf8JsonWriter json, SimEvent happened)
    {
        json.WriteStartObject();
        json.WriteString("id", Ids.ToBase62("evt", happened.Id));
        json.WriteString("type", happened.Type);
        json.WriteString("at", JsonAnswer.Milliseconds(Ids.CreatedAt(happened.Id)));
        json.WriteString("sim", happened.SimId == Guid.Empty ? null : Ids.ToSid("DE", happened.SimId));
        json.WriteString("account", Ids.ToSid("AC", happened.AccountId));
        json.WriteStartObject("actor");
        json.WriteString("kind", happened.Actor.Kind);
        json.WriteString("sid", happened.Actor.Sid);
        json.WriteString("address", happened.Actor.Address);
        json.WriteEndObject();
        json.WriteString("operation", happened.OperationId is { } operation ? Ids.ToBase62("op", operation) : null);
        json.WritePropertyName("data");
        json.WriteRawValue(happened.Data);
        json.WriteEndObject();
    }
}
