using Simkeeper.Server.Accounts;
using Simkeeper.Server.Dialects.Twilio;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>
/// The Alert resource of Monitor (Twilio Monitor v1). Nothing raises alerts here, so the list is empty, whatever its filters.
/// </summary>
internal sealed class KoreAlerts(KoreSettings settings)
{
    public Task ListAsync(HttpContext context, Caller caller, string[] path)
    {
        var query = new TwilioQuery(context.Request, settings.Dialect, "LogLevel", "StartDate", "EndDate");
        foreach (var name in new[] { "StartDate", "EndDate" })
        {
            if (query.Given(name) is { } date)
                KoreEvents.Times(date, name);
        }
        return TwilioPage.WriteAsync(context.Response, context.Request.PublicUrl(settings.Http) + "/v1/Alerts", "alerts", query,
            Page<Guid>.Empty, alert => alert, (_, _) => { });
    }
}
