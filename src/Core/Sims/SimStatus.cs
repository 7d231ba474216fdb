namespace Simkeeper.Core.Sims;

/// <summary>
/// The settled status of a SIM (Sim page, "Status Values"). <c>updating</c> and <c>scheduled</c> are no statuses of ours: they show an open
/// operation (<see cref="Progress"/>).
/// </summary>
public enum SimStatus
{
    /// <summary>It waits for its first activation and is blocked on the network. No SIM comes back to it.</summary>
    New,

    /// <summary>May use the network; becomes active after 250 KB, three months or the fifth Command.</summary>
    Ready,

    /// <summary>In full service.</summary>
    Active,

    /// <summary>Blocked, for as long as the user likes.</summary>
    Suspended,

    /// <summary>Blocked; becomes canceled after 72 hours.</summary>
    Deactivated,

    /// <summary>Blocked for ever.</summary>
    Canceled,
}

/// <summary>The way in which the open operation of a SIM shows in its status, if it has one.</summary>
public enum Progress
{
    /// <summary>No status operation is open; the settled status shows.</summary>
    None,

    /// <summary>An operation is open; <c>updating</c> shows.</summary>
    Updating,

    /// <summary>An attempt found the carrier away; <c>scheduled</c> shows.</summary>
    Scheduled,
}

/// <summary>The wire names of statuses.</summary>
public static class SimStatusNames
{
    public static readonly Words<SimStatus> Words = new(ToWire);

    public static string ToWire(this SimStatus status) => status switch
    {
        SimStatus.New => "new",
        SimStatus.Ready => "ready",
        SimStatus.Active => "active",
        SimStatus.Suspended => "suspended",
        SimStatus.Deactivated => "deactivated",
        SimStatus.Canceled => "canceled",
    };

    /// <summary>The settled status of this wire name; null: no status has it.</summary>
    public static SimStatus? Settled(string? wire) => Words.Find(wire);

    /// <summary>The progress of the open operation that has this shown name.</summary>
    /// <exception cref="FormatException">No status is shown by this name.</exception>
    public static Progress ProgressOf(string? shown) => shown switch
    {
        "updating" => Progress.Updating,
        "scheduled" => Progress.Scheduled,
        _ => Words.Find(shown) is null ? throw new FormatException($"No SIM shows {shown}.") : Progress.None,
    };

    /// <summary>The shown status: the settled one, or the progress of the open operation.</summary>
    public static string Shown(SimStatus status, Progress progress) => progress switch
    {
        Progress.None => status.ToWire(),
        Progress.Updating => "updating",
        Progress.Scheduled => "scheduled",
    };
}
