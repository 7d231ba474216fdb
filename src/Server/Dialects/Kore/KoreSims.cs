using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Deliveries;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>The Sim resource (KORE Sim page): fetch, list, update, delete.</summary>
internal sealed class KoreSims(Database database, ChangeSim change, KoreSettings settings, SealedUrls urls, BrokenRows broken)
{
    public async Task FetchAsync(HttpContext context, Caller caller, string[] path)
    {
        var sim = await database.ReadAsync(FindSim.ByKey(caller, path[0]).ReadAsync)
            ?? throw new TwilioException(TwilioError.NotFound(context.Request));
        await WriteAsync(context, caller, sim);
    }

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new TwilioQuery(context.Request, settings.Dialect, "Status", "Iccid", "RatePlan", "EId", "SimRegistrationCode");
        if (query.Given("Status") is { } status && !IsStatus(status))
        {
            throw new TwilioException(KoreErrors.InvalidValue(
                "Status is new, ready, active, suspended, deactivated, canceled, deleted, scheduled or updating."));
        }
        var found = await database.ReadAsync(async session =>
            await ResolveAsync(session, caller, query) is { } resolved
                ? await ListSims.RunAsync(session, broken, resolved)
                : Page<Sim>.Empty);
        if (found.Error is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        var baseUrl = context.Request.PublicUrl(settings.Http);
        await TwilioPage.WriteAsync(context.Response, baseUrl + "/v1/Sims", "sims", query, found.Value, sim => sim.Id,
            (json, sim) => Write(json, caller, sim, baseUrl));
    }

    public async Task UpdateAsync(HttpContext context, Caller caller, string[] path)
    {
        var form = new KoreSimForm(await TwilioForm.ReadAsync(context.Request, settings.Dialect), urls);
        var request = form.Read(caller.Actor(context.Address()));
        var decided = await change.RunAsync(
            FindSim.ByKey(caller, path[0]), (session, sim, _) => form.ResolveAsync(session, caller, sim, request));
        if (decided.Error is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        await WriteAsync(context, caller, decided.Value.Sim!, decided.Value.Operation is null ? 200 : settings.AsyncStatus);
    }

    public async Task DeleteAsync(HttpContext context, Caller caller, string[] path)
    {
        var decided = await change.RunAsync(
            FindSim.ByKey(caller, path[0]), new SimInput.Delete(caller.Actor(context.Address())));
        if (decided.Error is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        context.Response.StatusCode = 204;
    }

    private static bool IsStatus(string word) => word is "deleted" or "updating" or "scheduled" || SimStatusNames.Settled(word) is not null;

    /// <summary>Makes the list that was asked for; null: no SIM can match.</summary>
    private static async ValueTask<SimQuery?> ResolveAsync(Session session, Caller caller, TwilioQuery query)
    {
        var status = query.Given("Status");
        if (status == "deleted")
            return null;
        Guid? plan = null;
        if (query.Given("RatePlan") is { } key)
        {
            plan = (await RatePlans.FindAsync(session, caller.OrgId, caller.AccountId, key))?.Id;
            if (plan is null)
                return null;
        }
        return new SimQuery(caller.OrgId, caller.AccountId)
        {
            Shown = status,
            Iccid = query.Given("Iccid") is { } iccid ? Core.Numbers.Iccid.WithoutFiller(iccid) : null,
            RatePlanId = plan,
            Eid = query.Given("EId"),
            RegistrationCode = query.Given("SimRegistrationCode"),
            After = query.After,
            Before = query.Before,
            Limit = query.PageSize,
        };
    }

    private Task WriteAsync(HttpContext context, Caller caller, Sim sim, int status = 200) => JsonAnswer.WriteAsync(
        context.Response, status, (Api: this, caller, sim, Url: context.Request.PublicUrl(settings.Http)),
        static (json, answer) => answer.Api.Write(json, answer.caller, answer.sim, answer.Url));

    /// <param name="caller">The reader: one who may only read does not see what is secret in URLs.</param>
    private void Write(Utf8JsonWriter json, Caller caller, Sim sim, string baseUrl)
    {
        var url = $"{baseUrl}/v1/Sims/{sim.Sid}";
        json.WriteStartObject();
        json.WriteString("sid", sim.Sid);
        json.WriteString("unique_name", sim.UniqueName);
        json.WriteString("account_sid", Ids.ToSid("AC", sim.AccountId));
        json.WriteString("rate_plan_sid", sim.RatePlanId is { } planId ? Ids.ToSid("WP", planId) : null);
        json.WriteString("friendly_name", sim.FriendlyName);
        json.WriteString("iccid", sim.Iccid);
        json.WriteString("e_id", sim.Eid);
        json.WriteString("eid", sim.Eid);
        json.WriteString("status", sim.Shown);
        json.WriteString("reset_status", sim.Resetting ? "resetting" : null);
        foreach (var name in SimHooks.Names)
            json.WriteString(name, Shown(caller, name, SimHooks.Value(sim.Hooks, name)));
        json.WriteString("date_created", JsonAnswer.Seconds(sim.CreatedAt));
        json.WriteString("date_updated", JsonAnswer.Seconds(sim.UpdatedAt));
        json.WriteString("url", url);
        json.WriteStartObject("links");
        json.WriteString("data_sessions", url + "/DataSessions");
        if (sim.RatePlanId is { } plan)
            json.WriteString("rate_plan", $"{baseUrl}/v1/RatePlans/{Ids.ToSid("WP", plan)}");
        json.WriteString("usage_records", url + "/UsageRecords");
        json.WriteEndObject();
        json.WriteString("ip_address", sim.IpAddress);
        json.WriteEndObject();
    }

    private string? Shown(Caller caller, string name, string? value) => value is null || SimHooks.IsMethod(name)
        ? value
        : caller.ReadOnly ? SealedUrls.Hidden(value) : urls.OpenOrHidden(value);
}
