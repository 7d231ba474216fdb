using System.Globalization;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;

namespace Simkeeper.Server.Clock;

/// <summary>
/// The SIM clock in the store: the milliseconds by which it is ahead and, if it is frozen, the moment at which it stands.
/// </summary>
internal static class StoredClock
{
    /// <summary>The name of the installation's value that holds it.</summary>
    public const string Name = "clock";

    /// <summary>The time by which servers may disagree without any of them being wrong.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    /// <summary>Restores the stored clock.</summary>
    /// <exception cref="StartException">The clock was moved, and this is no sandbox.</exception>
    public static async Task RestoreAsync(Database database, SimClock clock, bool sandbox)
    {
        var stored = await Installation.LoadAsync(database, Name);
        if (stored is null)
            return;
        if (!sandbox)
            throw new StartException("The clock of this store was moved. Start it with --sandbox, or take another store.");
        Read(stored, clock);
    }

    /// <summary>
    /// The later of two moments: a SIM's time never runs backwards, though another server may have moved the clock a moment ago. But a time
    /// that lies after the stored clock's own is from before the clock was set back, and counts no more.
    /// </summary>
    public static async ValueTask<DateTimeOffset> NotBeforeAsync(
        Session session, SimClock clock, DateTimeOffset now, DateTimeOffset updatedAt)
    {
        if (updatedAt <= now)
            return now;
        if (updatedAt - now <= Tolerance)
            return updatedAt;
        var stored = new SimClock(clock.Wall, () => clock.Below);
        if (await Installation.LoadAsync(session, Name) is { } text)
            Read(text, stored);
        return updatedAt <= stored.Now + Tolerance ? updatedAt : now;
    }

    /// <summary>Sets the clock as the text says.</summary>
    public static void Read(string stored, SimClock clock)
    {
        var parts = stored.Split(' ');
        var offset = TimeSpan.FromMilliseconds(long.Parse(parts[0], CultureInfo.InvariantCulture));
        clock.Restore(offset, parts.Length > 1
            ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[1], CultureInfo.InvariantCulture))
            : null);
    }

    /// <summary>The text for a clock that is to stand at this moment, or to run on from it.</summary>
    public static string Write(SimClock clock, DateTimeOffset at) =>
        ((long)(clock.Offset + (at - clock.Now)).TotalMilliseconds).ToString(CultureInfo.InvariantCulture)
        + (clock.Frozen ? $" {at.ToUnixTimeMilliseconds()}" : "");
}
