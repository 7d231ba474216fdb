using Simkeeper.Core.Sims;

namespace Simkeeper.Server.Sims;

/// <summary>The filters of a list. An absent one takes everything.</summary>
internal sealed record SimQuery(Guid OrgId, Guid AccountId)
{
    /// <summary>Settled statuses, any of them.</summary>
    public IReadOnlyList<SimStatus>? Statuses { get; init; }

    /// <summary>The shown status.</summary>
    public string? Shown { get; init; }

    public IReadOnlyList<string>? Providers { get; init; }
    public SimType? Type { get; init; }
    public string? User { get; init; }
    public Guid? RatePlanId { get; init; }
    public string? Eid { get; init; }
    public string? Iccid { get; init; }
    public string? RegistrationCode { get; init; }

    /// <summary>Only what is older than this SIM.</summary>
    public Guid? After { get; init; }

    /// <summary>Only what is newer than this SIM: the items right above it.</summary>
    public Guid? Before { get; init; }

    public required int Limit { get; init; }
}
