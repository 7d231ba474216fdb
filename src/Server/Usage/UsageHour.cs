namespace Simkeeper.Server.Usage;

/// <summary>A SIM's use in one hour, in one place, while one account owned it.</summary>
/// <param name="Hour">Where it begins; milliseconds since 1970, UTC.</param>
internal readonly record struct UsageHour(Guid OrgId, Guid SimId, long Hour, Guid AccountId, UsageCount Count);

/// <summary>The use of all SIMs of an account in one hour, in one place.</summary>
/// <param name="Stripe">Of the rows that share the hour, which; a reader adds them up.</param>
internal readonly record struct AccountUsageHour(Guid OrgId, Guid AccountId, long Hour, long Stripe, UsageCount Count);
