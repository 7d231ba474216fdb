namespace Simkeeper.Core.Sims;

/// <summary>What happens at a plan's data limit (KORE RatePlan, <c>DataLimitStrategy</c>).</summary>
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

/// <summary>What the lifecycle needs to know of a rate plan (KORE RatePlan resource).</summary>
/// <param name="Id">The plan's id, <c>WP…</c>.</param>
/// <param name="AccountId">The owning account.</param>
/// <param name="DataMetering"><c>payg</c>, or a deprecated model that activates nothing any more (33122).</param>
public sealed record RatePlan(
    Guid Id, Guid AccountId, string DataMetering, DataLimitStrategy DataLimitStrategy, NarrowbandPlan Narrowband)
{
    public bool MeteringDeprecated => DataMetering != "payg";
}
