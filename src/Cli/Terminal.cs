using System.Globalization;
using System.Text.RegularExpressions;

namespace Simkeeper.Cli;

/// <summary>The ways to print a time.</summary>
internal enum TimeStyle
{
    /// <summary>As the server writes it.</summary>
    Utc,

    /// <summary>In the zone of this machine, without milliseconds.</summary>
    Local,

    /// <summary>As a distance from now.</summary>
    Ago,
}

/// <summary>
/// Makes tables fit for a terminal: as wide as it is, with colour for states. What goes to a file or a pipe stays as it is.
/// </summary>
internal static partial class Terminal
{
    private const string Ellipsis = "…";
    private static readonly bool IsTerminal = !Console.IsOutputRedirected;
    private static readonly bool HasColour = IsTerminal && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    /// <summary>A line as the terminal shows it best.</summary>
    /// <param name="cut">Cut it where the terminal ends.</param>
    public static string Fit(string line, bool cut = true)
    {
        if (!IsTerminal)
            return line;
        var width = Console.WindowWidth;
        if (cut && width > 1 && line.Length > width)
            line = line[..(width - 1)] + Ellipsis;
        return HasColour ? State().Replace(line, match => $"\u001b[{Colour(match.Value)}m{match.Value}\u001b[0m") : line;
    }

    /// <summary>A time in this style; any other text as it is.</summary>
    public static string Time(string text, TimeStyle style)
    {
        if (style == TimeStyle.Utc || text.Length < 20 || text[10] != 'T'
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time))
            return text;
        if (style == TimeStyle.Local)
            return time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var distance = TimeProvider.System.GetUtcNow() - time;
        return distance < TimeSpan.Zero ? "in " + Span(-distance) : Span(distance) + " ago";
    }

    private static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => $"{(int)span.TotalDays} d",
        { TotalHours: >= 2 } => $"{(int)span.TotalHours} h",
        { TotalMinutes: >= 2 } => $"{(int)span.TotalMinutes} min",
        _ => $"{(int)span.TotalSeconds} s",
    };

    private static int Colour(string state) => state switch
    {
        "active" or "done" or "delivered" or "up" or "enabled" => 32,
        "ready" or "open" or "pending" or "updating" or "scheduled" => 36,
        "suspended" or "deactivated" or "withdrawn" or "disabled" => 33,
        _ => 31,
    };

    /// <summary>Words of states between the gaps of a table.</summary>
    [GeneratedRegex("(?<=  )(active|done|delivered|up|enabled|ready|open|pending|updating|scheduled|suspended|deactivated|withdrawn|"
        + "disabled|canceled|refused|expired|dead|away)(?=  |$)")]
    private static partial Regex State();
}
