using System.Globalization;
using System.Text.Json;
using Simkeeper.Core;
using Simkeeper.Core.Numbers;
using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;
using Simkeeper.Server.Accounts;
using Simkeeper.Server.Clock;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Sims;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Usage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>
/// The Usage Records of a SIM and of an account, and the Data Sessions of a SIM (KORE usagerecord and datasession pages).
/// </summary>
internal sealed class KoreUsage(Database database, SimClock clock, KoreSettings settings, UsageSettings kept)
{
    /// <summary>The time in which a listed session must have been reported.</summary>
    public static readonly TimeSpan SessionWindow = TimeSpan.FromDays(30);

    private const int YearMin = 1970;

    /// <summary>The latest time that is used. All later times lie ahead too, and sums of times do not overflow.</summary>
    private static readonly DateTimeOffset Latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public async Task OfSimAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new TwilioQuery(context.Request, settings.Dialect, "Start", "End", "Granularity");
        var range = Range(query);
        var (sim, page) = await database.ReadAsync(async session =>
        {
            var sim = await FindSim.ByKey(caller, path[0]).ReadAsync(session);
            return (sim, sim is null ? Page<UsageRecord>.Empty : await ListUsage.RunAsync(session, UsageOf(caller, sim, range, query)));
        });
        if (sim is null)
            throw new TwilioException(TwilioError.NotFound(context.Request));
        await WriteAsync(context, $"/v1/Sims/{sim.Sid}/UsageRecords", sim.AccountId, sim, query, page);
    }

    public async Task OfAccountAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new TwilioQuery(context.Request, settings.Dialect, "Start", "End", "Granularity");
        var range = Range(query);
        var page = await database.ReadAsync(session => ListUsage.RunAsync(session, UsageOf(caller, null, range, query)));
        await WriteAsync(context, "/v1/UsageRecords", caller.AccountId, null, query, page);
    }

    public async Task SessionsAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new TwilioQuery(context.Request, settings.Dialect);
        var since = clock.Now - SessionWindow;
        var (sim, page) = await database.ReadAsync(async session =>
        {
            var sim = await FindSim.ByKey(caller, path[0]).ReadAsync(session);
            return (sim, sim is null ? Page<DataSession>.Empty : await Page<DataSession>.ReadAsync(
                query.After, query.Before, query.PageSize,
                (cursor, newer, count) => session.ListAsync(
                    newer ? UsageSql.NewerSessions : UsageSql.OlderSessions, DataSessionTable.Rows.Read,
                    sim.OrgId, sim.Id, sim.AccountId, since, cursor, count),
                item => item.Id));
        });
        if (sim is null)
            throw new TwilioException(TwilioError.NotFound(context.Request));
        var list = $"{context.Request.PublicUrl(settings.Http)}/v1/Sims/{sim.Sid}/DataSessions";
        await TwilioPage.WriteAsync(context.Response, list, "data_sessions", query, page, item => item.Id, Write);
    }

    private static UsageQuery UsageOf(
        Caller caller, Sim? sim, (DateTimeOffset Start, DateTimeOffset End, bool EndsNow, Granularity Granularity) range,
        TwilioQuery query) =>
        new(caller.OrgId, sim?.AccountId ?? caller.AccountId, sim?.Id, range.Start, range.End, range.EndsNow, range.Granularity,
            query.After, query.Before, query.PageSize);

    /// <summary>
    /// Reads the range, to the second. It ends with the running second at the latest, and begins with the oldest usage kept at the
    /// earliest; a start that was left open is a full hour. All pages of a list use the same range, and the answer says which.
    /// </summary>
    private (DateTimeOffset Start, DateTimeOffset End, bool EndsNow, Granularity Granularity) Range(TwilioQuery query)
    {
        var now = clock.Now;
        var hour = TimeSpan.FromHours(1);
        var second = TimeSpan.FromSeconds(1);
        var running = Floor(now, second) + second;
        var granularity = query.Given("Granularity") switch
        {
            null or "all" => Granularity.All,
            "daily" => Granularity.Daily,
            "hourly" => Granularity.Hourly,
            _ => throw new TwilioException(KoreErrors.InvalidValue("Granularity is hourly, daily or all.")),
        };
        var end = Time(query, "End") is { } givenEnd ? Earlier(Floor(givenEnd, second), running) : running;
        var givenStart = Time(query, "Start");
        var start = givenStart is { } given ? Floor(given, second) : Floor(end.AddMonths(-1), hour);
        if (givenStart is not null && Time(query, "End") < givenStart)
            throw new TwilioException(KoreErrors.InvalidValue("Start is not after End."));
        var oldest = Floor(now - kept.Retention, hour);
        start = Earlier(start > oldest ? start : oldest, end);
        query.Keep("Start", JsonAnswer.Seconds(start));
        query.Keep("End", JsonAnswer.Seconds(end));
        return (start, end, end == running, granularity);
    }

    private static DateTimeOffset? Time(TwilioQuery query, string name)
    {
        if (query.Given(name) is not { } text)
            return null;
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return text.Length >= "2015-07-30".Length && text[4] == '-' && text[7] == '-'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out var time) && time.Year >= YearMin
                ? Earlier(time, Latest)
                : throw new TwilioException(KoreErrors.InvalidValue($"{name} is a time in ISO 8601 such as 2015-07-30T20:00:00Z."));
    }

    private static DateTimeOffset Floor(DateTimeOffset time, TimeSpan unit) =>
        new(time.UtcTicks - (time.UtcTicks % unit.Ticks), TimeSpan.Zero);

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private Task WriteAsync(HttpContext context, string list, Guid accountId, Sim? sim, TwilioQuery query, Page<UsageRecord> page) =>
        TwilioPage.WriteAsync(
            context.Response, context.Request.PublicUrl(settings.Http) + list, "usage_records", query, page, record => record.Key,
            (json, record) =>
            {
                json.WriteStartObject();
                json.WriteString("account_sid", Ids.ToSid("AC", accountId));
                if (sim is not null)
                    json.WriteString("sim_sid", sim.Sid);
                json.WriteStartObject("period");
                json.WriteString("start", JsonAnswer.Seconds(record.Start));
                json.WriteString("end", JsonAnswer.Seconds(record.End));
                json.WriteEndObject();
                Write(json, "commands", [.. record.Counts.Where(count => count.HasCommands)], WriteCommands);
                Write(json, "data", [.. record.Counts.Where(count => count.HasData)], WriteData);
                json.WriteEndObject();
            });

    /// <summary>
    /// Writes a sum and its parts: at home, in the home country, and abroad by country of use. The parts add up to the sum exactly.
    /// </summary>
    /// <param name="counts">The counts without zeros. Zero rows remain when late reports move usage to another place.</param>
    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<UsageCount> counts, Action<Utf8JsonWriter, UsageCount> write)
    {
        var all = counts.Aggregate(default(UsageCount), (sum, count) => sum.Plus(count));
        json.WriteStartObject(name);
        write(json, all);
        foreach (var (part, roaming) in new[] { ("home", Roaming.Home), ("national_roaming", Roaming.National) })
        {
            json.WriteStartObject(part);
            write(json, counts.FirstOrDefault(count => count.Roaming == roaming));
            json.WriteEndObject();
        }
        json.WriteStartArray("international_roaming");
        foreach (var count in counts.Where(count => count.Roaming is not (Roaming.Home or Roaming.National)))
        {
            json.WriteStartObject();
            json.WriteString("country_code", count.Roaming);
            write(json, count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCommands(Utf8JsonWriter json, UsageCount count)
    {
        WriteBilled(json);
        json.WriteNumber("total", count.Commands);
        json.WriteNumber("from_sim", count.FromSim);
        json.WriteNumber("to_sim", count.ToSim);
    }

    private static void WriteData(Utf8JsonWriter json, UsageCount count)
    {
        WriteBilled(json);
        json.WriteNumber("total", count.Bytes);
        json.WriteNumber("upload", count.Uploaded);
        json.WriteNumber("download", count.Downloaded);
        json.WriteString("units", "bytes");
    }

    /// <summary>Writes zero costs: nobody is billed here.</summary>
    private static void WriteBilled(Utf8JsonWriter json)
    {
        json.WriteString("billing_units", "USD");
        json.WriteNumber("billed", 0);
    }

    private static void Write(Utf8JsonWriter json, DataSession session)
    {
        json.WriteStartObject();
        json.WriteString("sid", Ids.ToSid("WN", session.Id));
        json.WriteString("sim_sid", Ids.ToSid("DE", session.SimId));
        json.WriteString("account_sid", Ids.ToSid("AC", session.AccountId));
        json.WriteString("radio_link", session.Radio);
        json.WriteString("operator_mcc", session.Mcc);
        json.WriteString("operator_mnc", session.Mnc);
        json.WriteString("operator_country", Country.Of(session.Mcc ?? "") is var country and not Country.None ? country : null);
        json.WriteNull("operator_name");
        json.WriteNull("cell_id");
        json.WriteNull("cell_location_estimate");
        // Clients read these numbers as 32 bits.
        json.WriteNumber("packets_uploaded", Math.Min(session.Uploaded, int.MaxValue));
        json.WriteNumber("packets_downloaded", Math.Min(session.Downloaded, int.MaxValue));
        json.WriteString("last_updated", JsonAnswer.Seconds(session.ReportedAt));
        json.WriteString("start", JsonAnswer.Seconds(session.Start));
        json.WriteString("end", session.End is { } end ? JsonAnswer.Seconds(end) : null);
        json.WriteString("imei", session.Imei);
        json.WriteEndObject();
    }
}
