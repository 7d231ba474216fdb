using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims;

/// <summary>The filters of a list. An absent one takes everything.</summary>
/// <param name="OrgId">Null: SIMs of every org.</param>
/// <param name="AccountId">
/// Null: SIMs of every account. Then only the settled status, the provider and the ICCID can be filtered by.
/// </param>
internal sealed record SimQuery(Guid? OrgId, Guid? AccountId)
{
    /// <summary>Settled statuses, any of them.</summary>
    public IReadOnlyList<SimStatus>? Statuses { get; init; }

    public IReadOnlyList<string>? Providers { get; init; }
    public SimType? Type { get; init; }
    public string? User { get; init; }

    /// <summary>The shown status. It and the rate plan do not go with the four filters above.</summary>
    public string? Shown { get; init; }

    public Guid? RatePlanId { get; init; }
    public string? Eid { get; init; }
    public string? Iccid { get; init; }
    public string? RegistrationCode { get; init; }

    /// <summary>Only what is older than this SIM.</summary>
    public Guid? After { get; init; }

    /// <summary>Only what is newer than this SIM: the items right above it.</summary>
    public Guid? Before { get; init; }

    public required int Limit { get; init; }

    /// <summary>True if a SIM is what was asked for.</summary>
    public bool Matches(Sim sim) =>
        (OrgId is null || sim.OrgId == OrgId) && (AccountId is null || sim.AccountId == AccountId)
        && (Statuses is null || Statuses.Contains(sim.Status)) && (Providers is null || Providers.Contains(sim.Provider))
        && (Type is null || sim.Type == Type) && (User is null || sim.User == User)
        && (Shown is null || sim.Shown == Shown) && (RatePlanId is null || sim.RatePlanId == RatePlanId)
        && (Eid is null || sim.Eid == Eid) && (Iccid is null || sim.Iccid == Iccid)
        && (RegistrationCode is null || sim.RegistrationCode == RegistrationCode);
}
