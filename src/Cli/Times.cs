using System.Globalization;
using Simkeeper.Server.Hosting;

namespace Simkeeper.Cli;

/// <summary>
/// Reads times as people write them: whole, a date, <c>now</c>, <c>today</c>, <c>yesterday</c>, or a duration ago such as <c>24h</c>.
/// </summary>
internal static class Times
{
    public const string Rule = "must be a time such as 2026-01-02T03:04:05Z, 2026-01-02, yesterday, or 24h for 24 hours ago.";

    public static bool IsTime(string text) => TryRead(text, default, out _);

    /// <summary>The whole time, for the API; null: no time is given. What is relative goes by the time of the SIMs.</summary>
    public static async ValueTask<string?> ReadAsync(ApiClient api, string? text, CancellationToken cancellation)
    {
        if (text is null || text.Contains('T'))
            return text;
        using var clock = await api.GetAsync("clock", ["now"], cancellation);
        _ = TryRead(text, clock.RootElement.GetProperty("now").GetDateTimeOffset(), out var time);
        return time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }

    private static bool TryRead(string text, DateTimeOffset now, out DateTimeOffset time)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        time = text switch { "now" => now, "today" => today, "yesterday" when now != default => today.AddDays(-1), _ => default };
        if (text is "now" or "today" or "yesterday")
            return true;
        if (Durations.TryParse(text, out var ago))
        {
            time = now == default ? default : now - ago;
            return true;
        }
        return text.Contains('T')
            ? DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out time)
            : DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }
}
