using System.Globalization;

namespace Simkeeper.Server.Hosting;

/// <summary>Durations as users write them, in settings, APIs and commands: a whole number and its unit, such as <c>72h</c>.</summary>
internal static class Durations
{
    /// <summary>Examples for error messages.</summary>
    public const string Examples = "500ms, 30s, 15m, 72h or 90d";

    /// <summary>Reads <c>500ms</c>, <c>30s</c>, <c>15m</c>, <c>72h</c> or <c>90d</c>. A number without a unit is no duration.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        var unit = text?.AsSpan().TrimStart("0123456789").ToString();
        var millisecondsPerUnit = unit switch { "ms" => 1L, "s" => 1000, "m" => 60_000, "h" => 3_600_000, "d" => 86_400_000, _ => 0 };
        if (millisecondsPerUnit == 0 || !long.TryParse(text.AsSpan(0, text!.Length - unit!.Length), NumberStyles.None, null, out var count)
            || count > TimeSpan.MaxValue.TotalMilliseconds / millisecondsPerUnit / 10)
            return false;
        duration = TimeSpan.FromMilliseconds(count * millisecondsPerUnit);
        return true;
    }

    /// <summary>Writes a duration in the largest unit that holds it exactly.</summary>
    public static string Write(TimeSpan duration)
    {
        var milliseconds = (long)duration.TotalMilliseconds;
        return milliseconds switch
        {
            0 => "0s",
            _ when milliseconds % 86_400_000 == 0 => $"{milliseconds / 86_400_000}d",
            _ when milliseconds % 3_600_000 == 0 => $"{milliseconds / 3_600_000}h",
            _ when milliseconds % 60_000 == 0 => $"{milliseconds / 60_000}m",
            _ when milliseconds % 1000 == 0 => $"{milliseconds / 1000}s",
            _ => $"{milliseconds}ms",
        };
    }
}
