using Simkeeper.Core.Sims;
using Simkeeper.Core.Usage;

namespace Simkeeper.Core.Operations;

/// <summary>
/// The state that a network is to have of a SIM. It is a state and not a change: a carrier sets it whatever the state was before, and may
/// be told twice.
/// </summary>
/// <param name="Voice">The SIM may make and take calls.</param>
/// <param name="Data">The places where data is blocked or throttled; everywhere while the SIM is out of service.</param>
/// <param name="Messages">The SIM may send and get short messages.</param>
public readonly record struct Access(bool Voice, DataRestriction Data, bool Messages)
{
    /// <summary>No access: the SIM is out of service.</summary>
    public static readonly Access None = new(false, DataRestriction.Everywhere, false);

    /// <summary>The access that follows from a status, a plan and a data limit.</summary>
    /// <param name="status">The settled status, or the one wanted.</param>
    /// <param name="plan">The services of the rate plan; null: the SIM has no plan.</param>
    /// <param name="restriction">The restriction that follows from the data used this month.</param>
    public static Access Of(SimStatus status, PlanServices? plan, DataRestriction restriction) => status switch
    {
        SimStatus.Ready or SimStatus.Active => new(
            plan is { Voice: true }, plan is { Data: false } ? DataRestriction.Everywhere : restriction, plan is { Messages: true }),
        SimStatus.New or SimStatus.Suspended or SimStatus.Deactivated or SimStatus.Canceled => None,
    };
}
