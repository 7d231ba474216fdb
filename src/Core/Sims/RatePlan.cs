namespace Simkeeper.Core.Sims;

/// <summary>The action at a plan's data limit (RatePlan page, <c>DataLimitStrategy</c>).</summary>
public enum DataLimitStrategy
{
    Block,
    Throttle,
}

/// <summary>The kind of Narrowband plan, if it is one.</summary>
public enum NarrowbandPlan
{
    None,
    Annual,
    Developer,
}

/// <summary>
/// The services and limits of SIMs (RatePlan page). All but the names is fixed when the plan is made; to give a SIM other limits, give it
/// another plan.
/// </summary>
public sealed record RatePlan
{
    /// <summary>The limits of a plan that names none, in megabytes of 1,000,000 bytes.</summary>
    public const int DataLimitDefault = 1000;

    /// <summary>The highest limit, 2 TB in megabytes.</summary>
    public const int DataLimitMax = 2_000_000;

    /// <summary>The metering model in use; the quota models are deprecated and activate nothing any more (33122).</summary>
    public const string PayAsYouGo = "payg";

    /// <summary>The models a plan can be made with.</summary>
    public static readonly IReadOnlyList<string> Meterings = [PayAsYouGo, "quota-1", "quota-10", "quota-50"];

    /// <summary>The services that can be used abroad.</summary>
    public static readonly IReadOnlyList<string> RoamingServices = ["data", "messaging", "voice"];

    public required Guid OrgId { get; init; }

    /// <summary>UUIDv7, <c>WP…</c>.</summary>
    public required Guid Id { get; init; }

    /// <summary>The owning account. Its SIMs can have this plan; other accounts' SIMs cannot.</summary>
    public required Guid AccountId { get; init; }

    public string? UniqueName { get; init; }
    public string? FriendlyName { get; init; }
    public bool DataEnabled { get; init; } = true;
    public string DataMetering { get; init; } = PayAsYouGo;

    /// <summary>Data on the home network, up and down together, in megabytes a month from the day of activation.</summary>
    public int DataLimit { get; init; } = DataLimitDefault;

    public DataLimitStrategy DataLimitStrategy { get; init; }

    /// <summary>True if SIMs may send and get Commands.</summary>
    public bool MessagingEnabled { get; init; } = true;

    /// <summary>Deprecated; stored and returned.</summary>
    public bool VoiceEnabled { get; init; }

    public bool NationalRoamingEnabled { get; init; }

    /// <summary>Megabytes a month on other networks of the home country.</summary>
    public int NationalRoamingDataLimit { get; init; } = DataLimitDefault;

    /// <summary>The services that may be used abroad, some of <see cref="RoamingServices"/>.</summary>
    public IReadOnlyList<string> InternationalRoaming { get; init; } = [];

    /// <summary>Megabytes a month abroad.</summary>
    public int InternationalRoamingDataLimit { get; init; } = DataLimitDefault;

    public NarrowbandPlan Narrowband { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    public bool MeteringDeprecated => DataMetering != PayAsYouGo;

    public PlanServices Services => new(DataEnabled, MessagingEnabled, VoiceEnabled);

    /// <summary>The id as a SID, <c>WP…</c>.</summary>
    public string Sid => Ids.ToSid("WP", Id);
}
