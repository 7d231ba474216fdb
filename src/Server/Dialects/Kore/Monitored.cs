using Simkeeper.Core;
using Simkeeper.Core.Sims;
using Simkeeper.Server.Sims;

namespace Simkeeper.Server.Dialects.Kore;

/// <summary>
/// Decides which events KORE's Monitor shows: updates of properties that this dialect shows of a Sim, and the ends of asynchronous updates.
/// The import or deletion of a Sim is not shown, nor is a change that only the other dialect shows.
/// </summary>
internal static class Monitored
{
    private static readonly HashSet<string> Fields =
        ["account", "iccid", "eid", "uniqueName", "friendlyName", "status", "ratePlan", "hooks", "ipAddress"];

    /// <summary>
    /// The accounts besides the SIM's own that are shown a change: of a move, the old owner and the account that made it.
    /// </summary>
    public static IEnumerable<Guid> AlsoTo(SimChange change)
    {
        if (change.After is not { } after || after.AccountId == change.Before.AccountId)
            yield break;
        yield return change.Before.AccountId;
        if (change.Decision.Actor is { Kind: "account", Sid: { } sid } && Ids.TryParseSid("AC", sid, out var maker)
            && maker != change.Before.AccountId && maker != after.AccountId)
            yield return maker;
    }

    public static bool Is(string type, Sim before, Sim? after) => type switch
    {
        EventTypes.Updated or EventTypes.Moved => SimFields.Changes(before, after).Any(change => Fields.Contains(change.Name)),
        EventTypes.Reset or EventTypes.OperationRefused or EventTypes.OperationExpired or EventTypes.OperationWithdrawn => true,
        _ => false,
    };
}
