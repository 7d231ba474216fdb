using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>
/// Which events KORE's Monitor tells of: updates of what a Sim shows in that dialect, and the ends of asynchronous ones. A Sim that is
/// imported or deleted is none, nor is what only the other dialect shows.
/// </summary>
internal static class Monitored
{
    private static readonly HashSet<string> Fields =
        ["account", "iccid", "eid", "uniqueName", "friendlyName", "status", "ratePlan", "hooks", "ipAddress"];

    public static bool Is(string type, Sim before, Sim? after) => type switch
    {
        EventTypes.Updated or EventTypes.Moved => SimFields.Changes(before, after).Any(change => Fields.Contains(change.Name)),
        EventTypes.Reset or EventTypes.OperationRefused or EventTypes.OperationExpired or EventTypes.OperationWithdrawn => true,
        _ => false,
    };
}
