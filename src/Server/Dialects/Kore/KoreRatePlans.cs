using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>The RatePlan resource: create, fetch, list, rename, delete.</summary>
internal sealed class KoreRatePlans(Database database, RatePlans plans, SimClock clock, IdGenerator ids, KoreSettings settings)
{
    public async Task CreateAsync(HttpContext context, Caller caller, string[] path)
    {
        var form = await TwilioForm.ReadAsync(context.Request, settings.Dialect);
        var plan = Read(form, caller);
        form.Check();
        if (await plans.CreateAsync(plan) is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        // KORE's document, whose callers send Bearer, has 200; Twilio's, whose callers send Basic, has 201.
        await WriteAsync(context, context.Request.HasBearer() ? 200 : 201, plan);
    }

    public async Task FetchAsync(HttpContext context, Caller caller, string[] path)
    {
        var plan = await database.ReadAsync(session => RatePlans.FindAsync(session, caller, path[0]))
            ?? throw new TwilioException(TwilioError.NotFound(context.Request));
        await WriteAsync(context, 200, plan);
    }

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new TwilioQuery(context.Request, settings.Dialect);
        var page = await database.ReadAsync(session =>
            RatePlans.ListAsync(session, caller.OrgId, caller.AccountId, query.After, query.Before, query.PageSize));
        var list = context.Request.PublicUrl(settings.Http) + "/v1/RatePlans";
        await TwilioPage.WriteAsync(
            context.Response, list, "rate_plans", query, page, plan => plan.Id, (json, plan) => Write(json, plan, list));
    }

    public async Task UpdateAsync(HttpContext context, Caller caller, string[] path)
    {
        var form = await TwilioForm.ReadAsync(context.Request, settings.Dialect);
        var (unique, friendly) = (form.UniqueName(), form.FriendlyName());
        form.Check();
        var renamed = await plans.RenameAsync(session => RatePlans.FindAsync(session, caller, path[0]), plan => plan with
        {
            UniqueName = unique is { } name ? name.Value : plan.UniqueName,
            FriendlyName = friendly is { } words ? words.Value : plan.FriendlyName,
            UpdatedAt = clock.Now,
        });
        if (renamed.Error is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        await WriteAsync(context, 200, renamed.Value);
    }

    public async Task DeleteAsync(HttpContext context, Caller caller, string[] path)
    {
        if (await plans.DeleteAsync(session => RatePlans.FindAsync(session, caller, path[0])) is { } error)
            throw new TwilioException(KoreErrors.From(error, context.Request));
        context.Response.StatusCode = 204;
    }

    private RatePlan Read(TwilioForm form, Caller caller)
    {
        var id = ids.Next();
        int Limit(string name) => form.Number(name, 1, RatePlan.DataLimitMax) ?? RatePlan.DataLimitDefault;
        return new RatePlan
        {
            OrgId = caller.OrgId,
            Id = id,
            AccountId = caller.AccountId,
            UniqueName = form.UniqueName()?.Value,
            FriendlyName = form.FriendlyName()?.Value,
            DataEnabled = form.Flag("DataEnabled") ?? true,
            DataMetering = form.OneOf("DataMetering", [.. RatePlan.Meterings]) ?? RatePlan.PayAsYouGo,
            DataLimit = Limit("DataLimit"),
            DataLimitStrategy = form.OneOf("DataLimitStrategy", "block", "throttle") == "throttle"
                ? DataLimitStrategy.Throttle
                : DataLimitStrategy.Block,
            MessagingEnabled = form.Flag("MessagingEnabled") ?? true,
            VoiceEnabled = form.Flag("VoiceEnabled") ?? false,
            NationalRoamingEnabled = form.Flag("NationalRoamingEnabled") ?? false,
            NationalRoamingDataLimit = Limit("NationalRoamingDataLimit"),
            InternationalRoaming = Services(form),
            InternationalRoamingDataLimit = Limit("InternationalRoamingDataLimit"),
            Narrowband = form.OneOf("Narrowband", "none", "annual", "developer") switch
            {
                "annual" => NarrowbandPlan.Annual,
                "developer" => NarrowbandPlan.Developer,
                _ => NarrowbandPlan.None,
            },
            CreatedAt = Ids.CreatedAt(id),
            UpdatedAt = Ids.CreatedAt(id),
        };
    }

    /// <summary>Reads the services of a form, a key for each; an empty value means none.</summary>
    private static string[] Services(TwilioForm form)
    {
        var services = (form.All("InternationalRoaming") ?? []).Where(service => service.Length > 0).Distinct().ToArray();
        if (!services.All(RatePlan.RoamingServices.Contains))
        {
            form.Refuse(new Error(ErrorCode.InvalidValue,
                $"InternationalRoaming is each of {string.Join(", ", RatePlan.RoamingServices)} that is to be had abroad."));
        }
        return services;
    }

    private Task WriteAsync(HttpContext context, int status, RatePlan plan) => JsonAnswer.WriteAsync(
        context.Response, status, (plan, List: context.Request.PublicUrl(settings.Http) + "/v1/RatePlans"),
        static (json, answer) => Write(json, answer.plan, answer.List));

    private static void Write(Utf8JsonWriter json, RatePlan plan, string list)
    {
        json.WriteStartObject();
        json.WriteString("sid", plan.Sid);
        json.WriteString("unique_name", plan.UniqueName);
        json.WriteString("account_sid", Ids.ToSid("AC", plan.AccountId));
        json.WriteString("friendly_name", plan.FriendlyName);
        json.WriteBoolean("data_enabled", plan.DataEnabled);
        json.WriteString("data_metering", plan.DataMetering);
        json.WriteNumber("data_limit", plan.DataLimit);
        json.WriteString("data_limit_strategy", plan.DataLimitStrategy.ToWire());
        json.WriteBoolean("messaging_enabled", plan.MessagingEnabled);
        json.WriteBoolean("voice_enabled", plan.VoiceEnabled);
        json.WriteBoolean("national_roaming_enabled", plan.NationalRoamingEnabled);
        json.WriteNumber("national_roaming_data_limit", plan.NationalRoamingDataLimit);
        json.WriteStartArray("international_roaming");
        foreach (var service in plan.InternationalRoaming)
            json.WriteStringValue(service);
        json.WriteEndArray();
        json.WriteNumber("international_roaming_data_limit", plan.InternationalRoamingDataLimit);
        // Neither API has a way to show this; only Narrowband plans have it.
        if (plan.Narrowband != NarrowbandPlan.None)
            json.WriteString("narrowband", plan.Narrowband.ToWire());
        json.WriteString("date_created", JsonAnswer.Seconds(plan.CreatedAt));
        json.WriteString("date_updated", JsonAnswer.Seconds(plan.UpdatedAt));
        json.WriteString("url", $"{list}/{plan.Sid}");
        json.WriteEndObject();
    }
}
