namespace Simkeeper.Server.Sims;

/// <summary>A SIM's move to another account: usage stays with the account that owned the SIM then.</summary>
/// <param name="AccountId">The owner until then.</param>
internal sealed record SimMove(Guid OrgId, Guid SimId, DateTimeOffset At, Guid AccountId);
