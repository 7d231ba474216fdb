using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Simkeeper.Core;
using Simkeeper.Core.Numbers;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Dialects.Gigs;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Sims.Import;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Usage;

namespace Simkeeper.Server.Operator;

/// <summary>The inventory as an operator sees it: every org, both ids, everything but secrets.</summary>
internal sealed class OperatorSims(
    Database database, Accounts.Accounts accounts, ChangeSim change, ImportSims import, Clock.SimClock clock, HttpSettings settings, SimSettings sims)
{
    private static readonly Sql OfOrg = new($"""
        select {SimSql.Columns} from sims where org_id = @org_id and id < @after and (@any_account = 1 or account_id = @account_id)
          and (@status = '' or status = @status) and (@provider = '' or provider = @provider) and (@iccid = '' or iccid = @iccid)
        order by id desc limit @limit
        """);

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new OperatorQuery(context.Request, "account", "status", "provider", "iccid");
        Account? account = null;
        if (query["account"] is { } sid)
        {
            account = Ids.TryParseSid("AC", sid, out var id) ? await accounts.FindAsync(id) : null;
            if (account is null)
                throw new ProblemException(Problem.Invalid("account", "account is not the sid of an account."));
        }
        if (query["status"] is { } status && SimStatusNames.Settled(status) is null)
            throw new ProblemException(Problem.Invalid("status", "status is new, ready, active, suspended, deactivated or canceled."));
        var iccid = query["iccid"] is { } text ? Iccid.Parse(text) : (Result<Iccid>?)null;
        if (iccid?.Error is { } wrong)
            throw new ProblemException(Problem.From(wrong));
        var items = await database.ReadAsync(session => AcrossOrgs.NewestAsync(session, OfOrg, SimSql.Read, sim => sim.Id, query.Limit + 1,
            query.After ?? Guid.AllBitsSet, account is null, account?.Id ?? Guid.Empty, query["status"] ?? "", query["provider"] ?? "",
            iccid?.Value.Value ?? ""));
        var projects = await ProjectsAsync(items);
        var blocked = await database.ReadAsync(session => DataPeriods.BlockedAsync(session, items));
        await OperatorPage.WriteAsync(context.Response, items, query.Limit, sim => sim.Id,
            (json, sim) => Write(json, sim, projects[sim.AccountId], blocked.Contains(sim.Id)));
    }

    public async Task GetAsync(HttpContext context, Caller caller, string[] path)
    {
        var sim = await database.ReadAsync(FindSim.Anywhere(path[0]).ReadAsync)
            ?? throw new ProblemException(Problem.SimNotFound);
        await WriteAsync(context, sim);
    }

    public async Task ReportProfileAsync(HttpContext context, Caller caller, string[] path)
    {
        var body = await OperatorBody.ReadAsync(context.Request, settings, "status", "at");
        var word = body.OneOf("status", "installed", "enabled", "disabled", "deleted") ?? throw new ProblemException(Problem.Missing("status"));
        var status = Enum.Parse<ProfileStatus>(word, ignoreCase: true);
        var at = body.Time("at") ?? clock.Now;
        var decided = await change.RunAsync(
            FindSim.Anywhere(path[0]),
            (_, sim, _) => ValueTask.FromResult<Result<SimInput>>(sim.Type == SimType.PSim
                ? new Error(ErrorCode.StateForbids, "A pSIM has no eSIM profile.")
                : new SimInput.ProfileReported(status, at, caller.Actor(context.Address()))));
        if (decided.Error is { } error)
            throw new ProblemException(Problem.From(error));
        await WriteAsync(context, decided.Value.Sim!);
    }

    public Task ActivateAsync(HttpContext context, Caller caller, string[] path) => ChangeAsync(context, caller, path[0], SimStatus.Active);

    public Task SuspendAsync(HttpContext context, Caller caller, string[] path) => ChangeAsync(context, caller, path[0], SimStatus.Suspended);

    public Task DeactivateAsync(HttpContext context, Caller caller, string[] path) =>
        ChangeAsync(context, caller, path[0], SimStatus.Deactivated);

    public Task ResetAsync(HttpContext context, Caller caller, string[] path) => ChangeAsync(context, caller, path[0], null);

    /// <summary>Opens an operation and answers with it. Null: a connectivity reset.</summary>
    private async Task ChangeAsync(HttpContext context, Caller caller, string id, SimStatus? wanted)
    {
        var body = await OperatorBody.ReadAsync(context.Request, settings, "ratePlan");
        var decided = await change.RunAsync(FindSim.Anywhere(id), async (session, sim, open) =>
        {
            if (open is null && wanted == sim.Status)
                return new Error(ErrorCode.StateForbids, $"The SIM is {wanted.Value.ToWire()} already.");
            if (await session.OneAsync(AccountSql.Share, AccountSql.Read, sim.OrgId, sim.AccountId) is { Status: AccountStatus.Closed })
                return new Error(ErrorCode.StateForbids, "The SIM's account is closed. Move the SIM to another first.");
            Change<Result<RatePlan?>>? plan = null;
            if (body.Text("ratePlan") is { } key)
            {
                var found = await RatePlans.HoldAsync(session, sim.OrgId, sim.AccountId, key);
                plan = new(found is null ? new Error(ErrorCode.RatePlanNotFound, "The SIM's account has no such rate plan.", "ratePlan") : found);
            }
            return new SimInput.Request
            {
                Actor = caller.Actor(context.Address()),
                Status = wanted,
                Reset = wanted is null,
                RatePlan = plan,
            };
        });
        if (decided.Error is { } error)
            throw new ProblemException(Problem.From(error));
        await JsonAnswer.WriteAsync(context.Response, 202, decided.Value.Operation!, OperatorOperations.Write);
    }

    /// <summary>A vendor's file streams in, refusals stream out.</summary>
    public async Task ImportAsync(HttpContext context, Caller caller, string[] path)
    {
        var account = await OperatorAccounts.FindAsync(accounts, path[0]);
        OperatorAccounts.RefuseClosed(account);
        var query = new OperatorQuery(context.Request, "format", "provider");
        var provider = query["provider"];
        if (provider is not null && !SimCard.IsProvider(provider))
            throw new ProblemException(Problem.Invalid("provider", "provider has 1 to 32 characters: small letters, digits and hyphens."));
        var type = context.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        var format = query["format"] ?? type switch { "text/csv" => "csv", "text/plain" => "out", _ => null };
        if (format is null || type is not (null or "" or "text/csv" or "text/plain" or "application/octet-stream"))
        {
            throw new ProblemException(new Problem(415, "unsupportedMediaType", "Unsupported media type",
                "Send the file as text/csv, or as text/plain for the .out format."));
        }
        if (format is not ("csv" or "out"))
            throw new ProblemException(Problem.Invalid("format", "format is csv or out."));
        LiftLimits(context);
        var file = format == "csv"
            ? await CsvCards.OpenAsync(context.Request.Body, context.RequestAborted)
            : await OutCards.OpenAsync(context.Request.Body, context.RequestAborted);
        if (file.Error is { } error)
            throw new ProblemException(Problem.From(error));
        await using var answer = new ImportAnswer(context.Response, clock.Wall);
        await import.RunAsync(account, file.Value, provider, caller.Actor(context.Address()), answer.Counts, answer.RefuseAsync,
            answer.ProgressAsync, context.RequestAborted);
        await answer.CompleteAsync();
    }

    /// <summary>A file is larger than other bodies, and a client that reads nothing until it has sent everything is not a dead one.</summary>
    private void LiftLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = sims.ImportBytesMax;
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }

    private async Task<Dictionary<Guid, string>> ProjectsAsync(IEnumerable<Sim> sims)
    {
        var projects = new Dictionary<Guid, string>();
        foreach (var id in sims.Select(sim => sim.AccountId).Distinct())
            projects[id] = (await accounts.FindAsync(id))!.Project;
        return projects;
    }

    private async Task WriteAsync(HttpContext context, Sim sim)
    {
        var project = (await accounts.FindAsync(sim.AccountId))!.Project;
        var blocked = await database.ReadAsync(session => DataPeriods.BlockedAsync(session, [sim]));
        await JsonAnswer.WriteAsync(context.Response, 200, (sim, project, blocked.Count > 0),
            (json, answer) => Write(json, answer.sim, answer.project, answer.Item3));
    }

    private void Write(Utf8JsonWriter json, Sim sim, string project, bool dataBlocked)
    {
        json.WriteStartObject();
        json.WriteString("sid", sim.Sid);
        json.WriteString("id", sim.PublicId);
        json.WriteString("account", Ids.ToSid("AC", sim.AccountId));
        json.WriteString("project", project);
        json.WriteString("iccid", sim.Iccid);
        json.WriteString("imsi", sim.Imsi);
        json.WriteString("msisdn", sim.Msisdn);
        json.WriteString("eid", sim.Eid);
        json.WriteString("type", sim.Type.ToWire());
        json.WriteString("provider", sim.Provider);
        json.WriteString("status", sim.Status.ToWire());
        json.WriteString("shown", sim.Shown);
        json.WriteBoolean("resetting", sim.Resetting);
        json.WriteBoolean("dataBlocked", dataBlocked);
        json.WriteString("gigsStatus", sim.Status.Gigs().ToWire());
        json.WriteString("uniqueName", sim.UniqueName);
        json.WriteString("friendlyName", sim.FriendlyName);
        json.WriteString("ratePlan", sim.RatePlanId is { } plan ? Ids.ToSid("WP", plan) : null);
        json.WriteBoolean("narrowband", sim.Narrowband);
        json.WriteString("user", sim.User);
        json.WriteString("ipAddress", sim.IpAddress);
        json.WriteStartObject("metadata");
        foreach (var (key, value) in sim.Metadata.Entries)
            json.WriteString(key, value);
        json.WriteEndObject();
        if (sim.Type == SimType.ESim)
        {
            var (status, updatedAt) = EsimProfile.Of(sim, sims);
            json.WriteStartObject("esimProfile");
            json.WriteString("status", status);
            json.WriteString("updatedAt", JsonAnswer.Milliseconds(updatedAt));
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("esimProfile");
        }
        json.WriteString("smdpAddress", sim.SmdpAddress);
        json.WriteBoolean("confirmationCodeRequired", sim.ConfirmationCodeRequired);
        json.WriteString("createdAt", JsonAnswer.Milliseconds(sim.CreatedAt));
        json.WriteString("updatedAt", JsonAnswer.Milliseconds(sim.UpdatedAt));
        json.WriteNumber("version", sim.Version);
        json.WriteEndObject();
    }
}
