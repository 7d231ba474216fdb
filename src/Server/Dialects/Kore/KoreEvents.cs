using System.Globalization;
using System.Net;
using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>
/// The Event resource of Monitor: who changed which Sim, when and from where (KORE Sim page, "Monitor Events"; Twilio Monitor v1).
/// </summary>
internal sealed class KoreEvents(Database database, SimClock clock, KoreSettings settings)
{
    private const string EventType = "wireless-sim.updated";
    private static readonly string[] Exclusive = ["ActorSid", "EventType", "ResourceSid", "SourceIpAddress"];

    /// <summary>The first id that may still be shown, if events are shown for a limited time only.</summary>
    private Guid Oldest => settings.EventsKeep is { } keep ? Ids.FirstOf(clock.Now - keep) : Guid.Empty;

    public async Task FetchAsync(HttpContext context, Caller caller, string[] path)
    {
        var happened = Ids.TryParseSid("AE", path[0], out var id)
            ? await database.ReadAsync(session => session.OneAsync(MonitorSql.ById, MonitorSql.Read, caller.OrgId, id, caller.AccountId))
            : null;
        if (happened is null || id.CompareTo(Oldest) < 0)
            throw new TwilioException(TwilioError.NotFound(context.Request));
        var baseUrl = context.Request.PublicUrl(settings.Http);
        await JsonAnswer.WriteAsync(context.Response, 200, (happened, caller, baseUrl), static (json, answer) =>
            Write(json, answer.happened, answer.caller, answer.baseUrl));
    }

    public async Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new TwilioQuery(
            context.Request, settings.Dialect, "StartDate", "SourceIpAddress", "EndDate", "ActorSid", "EventType", "ResourceSid");
        if (Exclusive.Count(name => query.Given(name) is not null) > 1)
            throw new TwilioException(KoreErrors.EventFilters);
        var first = query.Given("StartDate") is { } start ? Ids.FirstOf(Times(start, "StartDate").From) : Guid.Empty;
        var last = query.Given("EndDate") is { } end ? Ids.FirstOf(Times(end, "EndDate").To) : Guid.AllBitsSet;
        if (first.CompareTo(Oldest) < 0)
            first = Oldest;
        var page = Filter(query) is { } filter
            ? await database.ReadAsync(session => Page<MonitorEvent>.ReadAsync(
                query.After, query.Before, query.PageSize, (cursor, newer, count) =>
            {
                var lower = newer && cursor.CompareTo(first) > 0 ? cursor : first;
                var upper = !newer && cursor.CompareTo(last) < 0 ? cursor : last;
                return FetchAsync(session, caller, filter, newer, lower, upper, count);
            }, happened => happened.Id))
            : Page<MonitorEvent>.Empty;
        var baseUrl = context.Request.PublicUrl(settings.Http);
        await TwilioPage.WriteAsync(context.Response, baseUrl + "/v1/Events", "events", query, page, happened => happened.Id,
            (json, happened) => Write(json, happened, caller, baseUrl));
    }

    /// <summary>The account's own events and those that are shown to it too, each by its index, merged.</summary>
    private static async ValueTask<List<MonitorEvent>> FetchAsync(
        Session session, Caller caller, (MonitorSql.MonitorList List, object? Value) filter, bool newer, Guid lower, Guid upper, int count)
    {
        object?[] values = filter.Value is null
            ? [caller.OrgId, caller.AccountId, lower, upper, count]
            : [caller.OrgId, caller.AccountId, filter.Value, lower, upper, count];
        var found = await session.ListAsync(filter.List.Own.Rows(newer), MonitorSql.Read, values);
        var shown = await session.ListAsync(filter.List.Shown.Ids(newer), static row => row.Id(0), values);
        if (shown.Count == 0)
            return found;
        found.AddRange(await session.ListEachAsync(MonitorSql.ByIds, [.. shown.Chunk(MonitorSql.ByIdsMax).Select(ids => (object?[])
            [caller.OrgId, .. Enumerable.Range(0, MonitorSql.ByIdsMax).Select(i => (object?)ids[Math.Min(i, ids.Length - 1)])])],
            static (_, row) => MonitorSql.Read(row)));
        return [.. (newer ? found.OrderBy(happened => happened.Id) : found.OrderByDescending(happened => happened.Id)).Take(count)];
    }

    /// <summary>Finds the list for the events asked for; null: no event can match.</summary>
    private static (MonitorSql.MonitorList List, object? Value)? Filter(TwilioQuery query)
    {
        if (query.Given("ActorSid") is { } actor)
            return (MonitorSql.OfActor, actor);
        if (query.Given("ResourceSid") is { } resource)
            return Ids.TryParseSid("DE", resource, out var sim) ? (MonitorSql.OfSim, sim) : null;
        if (query.Given("SourceIpAddress") is { } address)
        {
            return IPAddress.TryParse(address, out var parsed)
                ? (MonitorSql.OfAddress, Requests.Shown(parsed))
                : null;
        }
        return query.Given("EventType") is null or EventType ? (MonitorSql.All, null) : null;
    }

    /// <summary>The start and end of the given date, or of a time to the second or finer.</summary>
    /// <exception cref="TwilioException">It is neither.</exception>
    public static (DateTimeOffset From, DateTimeOffset To) Times(string text, string name)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, utc, out var day))
            return (day, After(day, TimeSpan.FromDays(1)));
        return DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture, utc, out var second)
            ? (second, After(second, TimeSpan.FromSeconds(1)))
            : DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, utc, out var finer)
                ? (finer, After(finer, TimeSpan.FromMilliseconds(1)))
                : throw new TwilioException(TwilioError.InvalidParameter(
                    $"{name} is a date such as 2026-01-02 or a time such as 2026-01-02T03:04:05Z."));
    }

    /// <summary>Adds, but not beyond the last moment that exists.</summary>
    private static DateTimeOffset After(DateTimeOffset time, TimeSpan span) =>
        DateTimeOffset.MaxValue - time < span ? DateTimeOffset.MaxValue : time + span;

    /// <param name="to">Who reads it: an event that is shown to several accounts names to each its own.</param>
    private static void Write(Utf8JsonWriter json, MonitorEvent happened, Caller to, string baseUrl)
    {
        var sid = Ids.ToSid("AE", happened.Id);
        var sim = Ids.ToSid("DE", happened.SimId);
        // A change by an operator or a timer shows as the platform's own.
        var actor = happened.ByAccount ? happened.ActorSid : null;
        json.WriteStartObject();
        json.WriteString("sid", sid);
        json.WriteString("account_sid", to.Account!.Sid);
        json.WriteString("actor_sid", actor);
        json.WriteString("actor_type", happened.ByAccount ? "account" : "twilio-admin");
        json.WriteNull("description");
        json.WriteStartObject("event_data");
        json.WriteStartObject("resource_properties");
        WriteProperties(json, happened.Data);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteString("event_date", JsonAnswer.Seconds(Ids.CreatedAt(happened.Id)));
        json.WriteString("event_type", EventType);
        json.WriteString("resource_sid", sim);
        json.WriteString("resource_type", "wireless-sim");
        json.WriteString("source", happened.ByAccount ? "api" : "twilio");
        json.WriteString("source_ip_address", happened.ByAccount ? happened.Address : null);
        json.WriteString("url", $"{baseUrl}/v1/Events/{sid}");
        json.WriteStartObject("links");
        if (actor is not null)
            json.WriteString("actor", $"{baseUrl}/2010-04-01/Accounts/{actor}");
        json.WriteString("resource", $"{baseUrl}/v1/Sims/{sim}");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes the two properties that are reported, if they changed. Data that cannot be read reports nothing.</summary>
    private static void WriteProperties(Utf8JsonWriter json, string data)
    {
        foreach (var (name, previous, updated) in Properties(data))
        {
            json.WriteStartObject(name);
            json.WriteString("previous", previous);
            json.WriteString("updated", updated);
            json.WriteEndObject();
        }
    }

    private static List<(string Name, string? Previous, string? Updated)> Properties(string data)
    {
        var found = new List<(string, string?, string?)>();
        try
        {
            using var document = JsonDocument.Parse(data);
            var (previous, updated) = (document.RootElement.GetProperty("previous"), document.RootElement.GetProperty("updated"));
            foreach (var (field, name) in new[] { ("ratePlan", "rate_plan_sid"), ("status", "status") })
            {
                if (updated.TryGetProperty(field, out var after))
                    found.Add((name, previous.GetProperty(field).GetString(), after.GetString()));
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return [];
        }
        return found;
    }
}
