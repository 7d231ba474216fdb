using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Api.Kore;

/// <summary>The Sim resource (KORE Sim page): fetch, list, update, delete.</summary>
internal sealed class KoreSims(Database database, ListSims list, ChangeSim change, Settings settings)
{
    private const string FormType = "application/x-www-form-urlencoded";

    public async Task FetchAsync(HttpContext context, Caller caller, string[] path)
    {
        var sim = await database.ReadAsync(session => FindSim.ByKeyAsync(session, caller, path[0]))
            ?? throw new KoreException(KoreError.NotFound(context.Request));
        await WriteAsync(context, sim);
    }

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new KoreQuery(context.Request);
        var page = await database.ReadAsync(async session =>
            await query.ResolveAsync(session, caller) is { } resolved ? await list.RunAsync(session, resolved) : new SimPage([], false, false));
        var baseUrl = context.Request.PublicUrl(settings);
        await JsonAnswer.WriteAsync(context.Response, 200, (page, query, baseUrl), static (json, answer) =>
        {
            var (page, query, baseUrl) = answer;
            json.WriteStartObject();
            json.WriteStartArray("sims");
            foreach (var sim in page.Items)
                Write(json, sim, baseUrl);
            json.WriteEndArray();
            WriteMeta(json, page, query, baseUrl + "/v1/Sims");
            json.WriteEndObject();
        });
    }

    public async Task UpdateAsync(HttpContext context, Caller caller, string[] path)
    {
        var form = new KoreForm(await FormAsync(context.Request));
        var actor = caller.Actor(context.Address());
        var decided = await change.RunAsync(
            session => FindSim.ByKeyAsync(session, caller, path[0]),
            (session, sim, _) => form.ResolveAsync(session, caller, sim, form.Read(actor)));
        if (decided.Error is { } error)
            throw new KoreException(KoreError.From(error, context.Request));
        await WriteAsync(context, decided.Value.Sim!);
    }

    public async Task DeleteAsync(HttpContext context, Caller caller, string[] path)
    {
        var decided = await change.RunAsync(
            session => FindSim.ByKeyAsync(session, caller, path[0]), new SimInput.Delete(caller.Actor(context.Address())));
        if (decided.Error is { } error)
            throw new KoreException(KoreError.From(error, context.Request));
        context.Response.StatusCode = 204;
    }

    private async Task<Dictionary<string, string>> FormAsync(HttpRequest request)
    {
        var type = request.ContentType?.Split(';')[0].Trim();
        if (type is { Length: > 0 } && !type.Equals(FormType, StringComparison.OrdinalIgnoreCase))
            throw new KoreException(new KoreError(20001, 415, $"Send the parameters as {FormType}."));
        return await request.FormAsync(settings.BodyBytesMax);
    }

    private Task WriteAsync(HttpContext context, Sim sim) => JsonAnswer.WriteAsync(
        context.Response, 200, (sim, context.Request.PublicUrl(settings)), static (json, answer) => Write(json, answer.sim, answer.Item2));

    private static void Write(Utf8JsonWriter json, Sim sim, string baseUrl)
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
        json.WriteString("status", sim.Shown);
        json.WriteString("reset_status", sim.Resetting ? "resetting" : null);
        foreach (var name in SimHooks.Names)
            json.WriteString(name, SimHooks.Value(sim.Hooks, name));
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

    private static void WriteMeta(Utf8JsonWriter json, SimPage page, KoreQuery query, string list)
    {
        json.WriteStartObject("meta");
        json.WriteString("first_page_url", query.Url(list, 0));
        json.WriteString("key", "sims");
        json.WriteString("next_page_url", page.MoreAfter ? query.Url(list, query.Page + 1, after: page.Items[^1].Id) : null);
        json.WriteNumber("page", query.Page);
        json.WriteNumber("page_size", query.PageSize);
        json.WriteString("previous_page_url",
            page.MoreBefore ? query.Url(list, Math.Max(0, query.Page - 1), before: page.Items[0].Id) : null);
        json.WriteString("url", query.Url(list, query.Page, query.After, query.Before));
        json.WriteEndObject();
    }
}
