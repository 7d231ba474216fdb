using System.Globalization;

namespace Simkeeper.Server.Dialects.Gigs;

/// <summary>A secret that an endpoint had before. Until its own end it signs beside the new one, also when that is rotated in turn.</summary>
/// <param name="Until">Wall clock.</param>
internal sealed record OldSecret(string Secret, DateTimeOffset Until)
{
    /// <summary>Old secrets of one endpoint that still sign.</summary>
    public const int CountMax = 5;

    /// <summary>Writes old secrets as the one text that is sealed: a line for each, newest first.</summary>
    public static string Join(IEnumerable<OldSecret> secrets) =>
        string.Join('\n', secrets.Select(old => string.Create(CultureInfo.InvariantCulture, $"{old.Secret} {old.Until.ToUnixTimeMilliseconds()}")));

    /// <summary>Those of such a text that still sign.</summary>
    /// <param name="last">The end of those that were stored before each had its own.</param>
    public static IEnumerable<OldSecret> Split(string text, DateTimeOffset last, DateTimeOffset now) =>
        text.Split('\n').Select(line => line.Split(' ') is [var secret, var until]
            ? new OldSecret(secret, DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(until, CultureInfo.InvariantCulture)))
            : new OldSecret(line, last)).Where(old => old.Until > now);
}
