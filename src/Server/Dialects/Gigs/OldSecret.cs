using System.Globalization;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>
/// An earlier secret of an endpoint. Until its own end it signs beside the newer ones, even if those are replaced in turn.
/// </summary>
/// <param name="Until">The time at which it stops signing. Wall clock.</param>
internal sealed record OldSecret(string Secret, DateTimeOffset Until)
{
    /// <summary>The most old secrets of one endpoint that still sign.</summary>
    public const int CountMax = 5;

    /// <summary>Writes old secrets as the one text that is sealed: a line for each, newest first.</summary>
    public static string Join(IEnumerable<OldSecret> secrets) =>
        string.Join('\n', secrets.Select(old => string.Create(
            CultureInfo.InvariantCulture, $"{old.Secret} {old.Until.ToUnixTimeMilliseconds()}")));

    /// <summary>Reads the old secrets that still sign from such a text.</summary>
    /// <param name="last">Expiry for entries stored before expiries existed.</param>
    public static IEnumerable<OldSecret> Split(string text, DateTimeOffset last, DateTimeOffset now) =>
        text.Split('\n').Select(line => line.Split(' ') is [var secret, var until]
            ? new OldSecret(secret, DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(until, CultureInfo.InvariantCulture)))
            : new OldSecret(line, last)).Where(old => old.Until > now);
}
